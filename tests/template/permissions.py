"""Every permission of every function, by its statement, and which of them AWS itself uses in our name."""

from __future__ import annotations

_TABLES = {
    "WriteLogs": ("logs:CreateLogStream", "logs:PutLogEvents"),
    "ReadSourceTables": ("dynamodb:DescribeTable", "dynamodb:BatchGetItem"),
    "EnterSourceAccount": ("sts:AssumeRole",),
    "WriteTargetTables": (
        "dynamodb:DescribeTable",
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
    ),
    "EnterTargetAccount": ("sts:AssumeRole",),
    "AskAuthority": ("dynamodb:BatchGetItem", "dynamodb:UpdateItem"),
    "OweWaitingKeys": ("dynamodb:BatchWriteItem",),
    "ReadSubMap": ("dynamodb:BatchGetItem",),
    "ReadTablePairs": ("ssm:GetParameter",),
}
_OWN_LEDGER = {"AskAuthority", "OweWaitingKeys"}
"""What those do not need that may do more with the ledger."""
_POLL_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_CLIENTS = ("cognito-idp:ListUserPoolClients", "cognito-idp:DescribeUserPoolClient")
_OF = {
    "MigrateUser": {
        "WriteLogs": ("logs:CreateLogStream", "logs:PutLogEvents"),
        "ReadNewPool": ("cognito-idp:DescribeUserPool", "cognito-idp:AdminGetUser"),
        "ReadNewClients": _CLIENTS,
        "AskOldPool": (
            "cognito-idp:AdminInitiateAuth",
            "cognito-idp:AdminGetUser",
            "cognito-idp:DescribeUserPool",
        ),
        "ReadOldClients": _CLIENTS,
        "EnterOldAccount": ("sts:AssumeRole",),
        "KeepLedger": ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
        "AskForSettling": ("sqs:SendMessage",),
        "ReadLogKey": ("secretsmanager:GetSecretValue",),
        "ReadOldClientSecret": ("secretsmanager:GetSecretValue",),
    },
    "SettleUser": {
        "WriteLogs": ("logs:CreateLogStream", "logs:PutLogEvents"),
        "LookIntoNewPool": ("cognito-idp:AdminGetUser",),
        "FillGroups": (
            "cognito-idp:GetGroup",
            "cognito-idp:CreateGroup",
            "cognito-idp:AdminAddUserToGroup",
        ),
        "ReadOldGroups": ("cognito-idp:AdminListGroupsForUser",),
        "EnterOldAccount": ("sts:AssumeRole",),
        "KeepLedger": ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
        "SweepForgotten": (
            "cognito-idp:AdminDisableUser",
            "cognito-idp:AdminEnableUser",
            "cognito-idp:AdminDeleteUser",
        ),
        "ForgetOffers": ("dynamodb:DeleteItem",),
        "TellOthers": ("events:PutEvents",),
        "AskAgain": ("sqs:SendMessage",),
        "PollQueue": _POLL_QUEUE,
    },
    "GuardSignUp": {
        "WriteLogs": ("logs:CreateLogStream", "logs:PutLogEvents"),
        "AskOldPool": ("cognito-idp:AdminGetUser", "cognito-idp:ListUsers"),
        "EnterOldAccount": ("sts:AssumeRole",),
        "KeepLedger": ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"),
        "ReadLogKey": ("secretsmanager:GetSecretValue",),
        "CallChainedFunction": ("lambda:InvokeFunction",),
    },
    "AddClaims": {
        "WriteLogs": ("logs:CreateLogStream", "logs:PutLogEvents"),
        "ReadLedger": ("dynamodb:BatchGetItem",),
        "CallChainedFunction": ("lambda:InvokeFunction",),
    },
    "Watch": {
        "WriteLogs": ("logs:CreateLogStream", "logs:PutLogEvents"),
        "LookAtNewPool": (
            "cognito-idp:DescribeUserPool",
            "cognito-idp:ListUserPoolClients",
            "cognito-idp:DescribeUserPoolClient",
            "cognito-idp:ListIdentityProviders",
            "cognito-idp:DescribeIdentityProvider",
            "cognito-idp:ListUsers",
        ),
        "KeepLedger": ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"),
        "LookAtUserFunctions": ("lambda:GetFunctionConfiguration", "lambda:ListAliases"),
        "LookAtTableFunctions": ("lambda:GetFunctionConfiguration", "lambda:ListAliases"),
        "ListMappings": ("lambda:ListEventSourceMappings",),
        "CountOwed": (
            "dynamodb:Query",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
        ),
        "ReadSubMap": ("dynamodb:BatchGetItem",),
        "ParkKeys": ("sqs:SendMessage",),
        "ListLostBatches": ("s3:ListBucket",),
        "TakeInLostBatches": ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
        "ReadTablePairs": ("ssm:GetParameter",),
    },
    "MirrorTable": {
        **_TABLES,
        "ParkKeys": ("sqs:SendMessage",),
        "PollStreams": ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
        "ListStreams": ("dynamodb:ListStreams",),
        "PollKinesisStreams": (
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
        ),
        "KeepFailedBatches": ("s3:PutObject",),
        "FindFailureBucket": ("s3:ListBucket",),
    },
    "BackfillSegment": {
        **{sid: actions for sid, actions in _TABLES.items() if sid not in _OWN_LEDGER},
        "ReadSourceTables": (
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:Scan",
            "dynamodb:BatchGetItem",
        ),
        "WriteTargetTables": (
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:PutItem",
            "dynamodb:DeleteItem",
        ),
        "KeepLedger": (
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:Query",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
        ),
        "ReadExport": ("s3:GetObject",),
        "DecryptExport": ("kms:Decrypt",),
        "ParkKeys": ("sqs:SendMessage",),
    },
    "RetryKeys": {
        **_TABLES,
        "SettleOwed": ("dynamodb:DeleteItem",),
        "ParkKeys": ("sqs:SendMessage", "sqs:ChangeMessageVisibility"),
        "PollQueue": _POLL_QUEUE,
    },
}

PERMISSIONS = {(function, sid): actions for function, rows in _OF.items() for sid, actions in rows.items()}
"""(function, Sid) -> actions."""

_DYNAMODB_GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"
_LAMBDA_GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg"
_SQS_GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide"

AWS_ALONE = {
    "WriteLogs": f"{_LAMBDA_GUIDE}/monitoring-cloudwatchlogs.html",
    "PollQueue": f"{_SQS_GUIDE}/sqs-configure-lambda-function-trigger.html",
    "PollStreams": f"{_DYNAMODB_GUIDE}/iam-policy-example-lamda-process-dynamodb-streams.html",
    "ListStreams": f"{_DYNAMODB_GUIDE}/iam-policy-example-lamda-process-dynamodb-streams.html",
    "PollKinesisStreams": f"{_LAMBDA_GUIDE}/services-kinesis-create.html",
    "KeepFailedBatches": f"{_LAMBDA_GUIDE}/services-dynamodb-errors.html",
    "FindFailureBucket": f"{_LAMBDA_GUIDE}/services-dynamodb-errors.html",
    "DecryptExport": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
}
"""Sid -> the page that asks for it. Our code never makes these calls; others make them with the role."""
