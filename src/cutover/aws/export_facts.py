"""When the mirror that follows a table last began: as much as AWS tells of it."""

from __future__ import annotations

from cutover.aws.session import Aws


def mapped_at(aws: Aws, function: str, stream_arn: str) -> float | None:
    """When the enabled mapping from the stream to the function was made or last changed, in epoch seconds;
    None where there is none. `LastModified` is the only time that a mapping has:
    https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html.
    """
    name = _name(function)
    pages = aws.client("lambda", attempts=3).get_paginator("list_event_source_mappings")
    times = [
        mapping["LastModified"].timestamp()
        for page in pages.paginate(EventSourceArn=stream_arn)
        for mapping in page["EventSourceMappings"]
        if _name(str(mapping["FunctionArn"])) == name and mapping.get("State") == "Enabled"
    ]
    return min(times, default=None)


def _name(function: str) -> str:
    return function.rsplit(":function:", 1)[-1].partition(":")[0]
