"""Looking at pools and tables before anything is deployed: reads only."""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.aws.session import Aws
from cutover.control.init_facts import ClientFacts, PoolFacts, TableFacts
from cutover.errors import UsageError
from cutover.tables.pairs import TableRef

_SECRET_ARN = re.compile(r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+")


def read_pool(aws: Aws, pool_id: str) -> PoolFacts:
    """Raises UsageError where there is no such pool."""
    client = _cognito(aws, pool_id)
    try:
        pool = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    except ClientError as error:
        raise _or_missing(error, f"user pool {pool_id}") from error
    return PoolFacts(pool_id, str(pool.get("Name", "")))


def read_client(aws: Aws, pool_id: str, client_id: str) -> ClientFacts:
    """Raises UsageError where there is no such client. The secret in AWS's reply is not kept."""
    client = _cognito(aws, pool_id)
    try:
        found = client.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"]
    except ClientError as error:
        raise _or_missing(error, f"app client {client_id} of {pool_id}") from error
    return ClientFacts(client_id, tuple(found.get("ExplicitAuthFlows", ())), bool(found.get("ClientSecret")))


def read_table(aws: Aws, spec: str) -> TableFacts:
    """`aws` reaches the table's account, by a role of it if need be. Raises UsageError where there is no such
    table, or it is not ready."""
    ref = TableRef(spec)
    client = aws.elsewhere(region=ref.region).client("dynamodb", attempts=3)
    try:
        table = client.describe_table(TableName=spec)["Table"]
    except ClientError as error:
        raise _or_missing(error, f"table {spec}") from error
    if table["TableStatus"] not in {"ACTIVE", "UPDATING"}:
        raise UsageError(f"table {spec} is {table['TableStatus']}", fix="wait until it is ACTIVE")
    types = {row["AttributeName"]: row["AttributeType"] for row in table["AttributeDefinitions"]}
    stream = table.get("StreamSpecification", {})
    on = bool(stream.get("StreamEnabled"))
    return TableFacts(
        spec=spec,
        arn=table["TableArn"],
        keys=tuple(
            (row["AttributeName"], row["KeyType"], types[row["AttributeName"]]) for row in table["KeySchema"]
        ),
        stream_arn=table.get("LatestStreamArn") if on else None,
        stream_view=stream.get("StreamViewType") if on else None,
    )


def check_secret(aws: Aws, arn: str) -> None:
    """That the secret exists; what it holds is not asked for. Raises UsageError where it does not."""
    if not _SECRET_ARN.fullmatch(arn):
        raise UsageError(
            "what was given for --old-client-secret-arn is no ARN of a secret",  # it may be the secret itself
            fix="give it as arn:aws:secretsmanager:eu-west-1:111122223333:secret:NAME",
        )
    client = aws.elsewhere(region=arn.split(":")[3] or None).client("secretsmanager", attempts=3)
    try:
        client.describe_secret(SecretId=arn)
    except ClientError as error:
        raise _or_missing(error, f"secret {arn}") from error


def _cognito(aws: Aws, pool_id: str) -> Any:
    region = pool_id.partition("_")[0]
    return aws.elsewhere(region=region).client("cognito-idp", attempts=3)


def _or_missing(error: ClientError, what: str) -> Exception:
    if error_code(error) == "ResourceNotFoundException":
        return UsageError(
            f"{what} does not exist",
            cause="AWS does not know it in this account and Region",
            fix="check the name, the profile and the Region",
        )
    return error
