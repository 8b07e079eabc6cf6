"""A whole cutover on one machine: the local stack, made-up data, and the story of a migration.

    emulator + emulator_main   ministack as a child process: it stands in for AWS
    front                      before it: plays the Cognito rules that ministack lacks
    pump                       beside it: plays the stream and queue mappings
    stack, host, local         the three as one, in a process of their own, started and ended as one
    world                      the old world: people, items, an application that writes
    deploy, template           the real template.yaml through CloudFormation
    story                      the scenes, the checks, the transcript

What is real: template.yaml, the functions, the commands, every call of boto3. What is not: AWS. Times,
quotas, throttling, several shards, TTL deletions, e-mails and the exact words of many errors are the
emulator's own, and a function runs in this Python, not in Lambda's.
"""
