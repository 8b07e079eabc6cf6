"""A player of stream and queue mappings over public APIs: it reads the mappings, the sources, and invokes.

It is not AWS. What a mapping does with a batch is described in
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html,
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and the pages named in the files here.
"""
