"""A table's own description: size, capacity, stream and TTL; and whether a mirror follows that stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutover.aws.dynamo_table import DynamoTable
from cutover.aws.faults import error_code
from cutover.aws.session import Aws
from cutover.aws.table_faults import AWS_ERRORS
from cutover.aws.table_pairs import Roles
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.ports import TableFault
from cutover.tables.table_facts import TableFacts


def pair_facts(
    pair: TablePair, source: DynamoTable, target: DynamoTable, aws: Aws, roles: Roles
) -> tuple[TableFacts, TableFacts]:
    """The facts of source and target. Raises TableFault."""
    return (
        table_facts(_client(aws, pair.source, roles.source, roles), source),
        table_facts(_client(aws, pair.target, roles.target, roles), target),
    )


def _client(aws: Aws, ref: TableRef, role: str | None, roles: Roles) -> Any:
    where = aws.elsewhere(region=ref.region, role_arn=role, external_id=roles.external_id)
    return where.client("dynamodb", attempts=3)


def table_facts(client: Any, described: DynamoTable) -> TableFacts:
    """Raises TableFault."""
    try:
        table = client.describe_table(TableName=described.address)["Table"]
        ttl = client.describe_time_to_live(TableName=described.address).get("TimeToLiveDescription", {})
    except AWS_ERRORS as error:
        raise TableFault(described.name, error_code(error)) from error
    on_demand = table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    units = {} if on_demand else table.get("ProvisionedThroughput", {})
    warm = table.get("WarmThroughput", {})
    streams = table.get("StreamSpecification", {}).get("StreamEnabled", False)
    expiring = ttl.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
    return TableFacts(
        name=table["TableName"],
        items=int(table.get("ItemCount", 0)),
        bytes=int(table.get("TableSizeBytes", 0)),
        read_units=units.get("ReadCapacityUnits") or None,
        write_units=units.get("WriteCapacityUnits") or None,
        stream_arn=table.get("LatestStreamArn") if streams else None,
        ttl_attribute=ttl.get("AttributeName") if expiring else None,
        warm_read_units=warm.get("ReadUnitsPerSecond") or None,
        warm_write_units=warm.get("WriteUnitsPerSecond") or None,
        arn=str(table.get("TableArn", "")),
        table_id=str(table.get("TableId", "")),
    )


def mirror_problem(
    aws: Aws,
    function: str,
    stream_arn: str | None,
    kinesis_arns: tuple[str, ...] = (),
    *,
    at_work: bool = False,
) -> str:
    """Why no mirror follows the table's stream, nor a Kinesis stream to which it sends its changes.

    Empty where a mapping is there, enabled, from TRIM_HORIZON. With `at_work` its last call must not have
    failed either: such a mapping is enabled, and yet nothing passes.

    `LATEST` can miss changes that are made while the mapping is set up:
    https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
    """
    streams = [arn for arn in (stream_arn, *kinesis_arns) if arn is not None]
    if not streams:
        return "the source table has no stream"
    problems = [_stream_problem(aws, function, arn, at_work) for arn in streams]
    return "" if "" in problems else problems[-1]


def _stream_problem(aws: Aws, function: str, stream_arn: str, at_work: bool) -> str:
    pages = aws.client("lambda", attempts=3).get_paginator("list_event_source_mappings")
    mappings = [
        mapping
        for page in pages.paginate(EventSourceArn=stream_arn)
        for mapping in page["EventSourceMappings"]
        if _function_name(mapping) == function.rsplit(":function:", 1)[-1].partition(":")[0]
    ]
    if not mappings:
        return f"no event source mapping leads from {stream_arn} to {function}"
    states = [_mapping_problem(one) or (last_problem(one) if at_work else "") for one in mappings]
    return "" if "" in states else states[0]


def _function_name(mapping: dict[str, Any]) -> str:
    return str(mapping["FunctionArn"]).rsplit(":function:", 1)[-1].partition(":")[0]


def _mapping_problem(mapping: dict[str, Any]) -> str:
    if mapping.get("State") != "Enabled":
        return f"the event source mapping {mapping['UUID']} is {mapping.get('State')}"
    if mapping.get("StartingPosition") not in {None, "TRIM_HORIZON"}:
        return f"the event source mapping {mapping['UUID']} started at {mapping['StartingPosition']}"
    return ""


def last_problem(mapping: Mapping[str, Any]) -> str:
    """What Lambda says went wrong at its last call, or nothing.

    https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
    """
    last = str(mapping.get("LastProcessingResult", ""))
    return last if last.startswith("PROBLEM") else ""
