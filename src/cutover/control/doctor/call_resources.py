"""On what the functions make their calls: the ARNs of a deployment, by the kinds that `calls` names."""

from __future__ import annotations

from collections.abc import Mapping

from cutover.control.deployment import Deployment
from cutover.users.settings import region_of


def resources(
    deployment: Deployment, function_arn: str, watched: tuple[str, ...] = ()
) -> Mapping[str, tuple[str, ...]]:
    """kind -> ARNs. The function stands in the stack's account and Region; `watched` are the outputs of the
    functions that the watch looks at."""
    parts = function_arn.split(":")
    partition, region, account = parts[1], parts[3], parts[4]

    def arn(service: str, name: str, place: str | None = region) -> str:
        return f"arn:{partition}:{service}:{place}:{account}:{name}"

    def pool(parameter: str) -> tuple[str, ...]:
        pool_id = deployment.parameter(parameter)
        return (arn("cognito-idp", f"userpool/{pool_id}", region_of(pool_id)),) if pool_id else ()

    def queue(output: str) -> tuple[str, ...]:
        url = deployment.outputs.get(output)
        return (arn("sqs", url.rsplit("/", 1)[-1]),) if url else ()

    by_rights = deployment.parameter("Attributes") is None
    old = () if deployment.parameter("OldRoleArn") else pool("OldUserPoolId")
    groups = deployment.parameter("Groups") != "off"
    forgets = deployment.parameter("ForgotPassword") == "on"
    bus = deployment.parameter("EventBusName")
    tables = deployment.parameter("Tables") or ""
    ledger, bucket = deployment.outputs.get("LedgerTable"), deployment.outputs.get("FailureBucket")
    moves_tables = "MirrorTableFunction" in deployment.outputs
    return {
        "new pool": pool("NewUserPoolId"),
        "new clients": pool("NewUserPoolId") if by_rights else (),
        "old pool": old,
        "old users": old,
        "old clients": old if by_rights else (),
        "new groups": pool("NewUserPoolId") if groups else (),
        "forgotten users": pool("NewUserPoolId") if forgets else (),
        "forgotten offers": (arn("dynamodb", f"table/{ledger}"),) if forgets and ledger else (),
        "event bus": (arn("events", f"event-bus/{bus.rsplit('/', 1)[-1]}"),) if bus else (),
        "old groups": old if groups else (),
        "old role for groups": listed(deployment, "OldRoleArn") if groups else (),
        "chained sign-up": listed(deployment, "ChainedPreSignUpArn"),
        "chained claims": listed(deployment, "ChainedPreTokenArn"),
        "functions": tuple(
            arn("lambda", f"function:{deployment.outputs[name]}")
            for name in watched
            if name in deployment.outputs
        ),
        "anything": ("*",) if moves_tables else (),
        "old role": listed(deployment, "OldRoleArn"),
        "old client's secret": listed(deployment, "OldClientSecretArn"),
        "log key": (deployment.outputs["LogKeyArn"],) if "LogKeyArn" in deployment.outputs else (),
        "ledger": (arn("dynamodb", f"table/{ledger}"),) if ledger else (),
        "owed": (arn("dynamodb", f"table/{ledger}"),) if ledger and moves_tables else (),
        "failure bucket": (f"arn:{partition}:s3:::{bucket}",) if bucket else (),
        "lost batches": (f"arn:{partition}:s3:::{bucket}/*",) if bucket else (),
        "sub map": listed(deployment, "SubMapTableArn"),
        "exports": tuple(f"{bucket_arn}/*" for bucket_arn in listed(deployment, "ExportBucketArn")),
        "settle queue": queue("SettleQueueUrl"),
        "retry queue": queue("RetryQueueUrl"),
        "source tables": ()
        if deployment.parameter("SourceRoleArn")
        else listed(deployment, "SourceTableArns"),
        "target tables": ()
        if deployment.parameter("TargetRoleArn")
        else listed(deployment, "TargetTableArns"),
        "source role": listed(deployment, "SourceRoleArn"),
        "target role": listed(deployment, "TargetRoleArn"),
        "table parameter": (arn("ssm", f"parameter{tables.removeprefix('ssm:')}"),)
        if tables.startswith("ssm:")
        else (),
    }


def listed(deployment: Deployment, parameter: str) -> tuple[str, ...]:
    return tuple(filter(None, (deployment.parameter(parameter) or "").replace(" ", "").split(",")))
