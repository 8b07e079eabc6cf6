"""One file a Lambda function, each the place where its parts are put together."""
