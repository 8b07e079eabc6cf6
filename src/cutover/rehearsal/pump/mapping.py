"""Event source mappings, as ListEventSourceMappings tells them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNLIMITED = -1
QUEUE_CONCURRENCY = 5
"""How many batches of a queue run at once where the mapping does not say; the real service begins there."""


@dataclass(frozen=True)
class StreamMapping:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html has the members' defaults."""

    uuid: str
    stream_arn: str
    function: str
    enabled: bool = True
    batch_size: int = 100
    window_seconds: float = 0.0
    lanes: int = 1
    """ParallelizationFactor: batches of one shard that run at once; the records of one item share a lane."""
    retries: int = UNLIMITED
    record_age_seconds: int = UNLIMITED
    bisect: bool = False
    partial: bool = False
    """ReportBatchItemFailures."""
    from_start: bool = True
    """TRIM_HORIZON; LATEST otherwise."""
    on_failure: str | None = None
    patterns: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> StreamMapping:
        patterns = (row.get("FilterCriteria") or {}).get("Filters") or ()
        destination = (row.get("DestinationConfig") or {}).get("OnFailure") or {}
        return cls(
            uuid=row["UUID"],
            stream_arn=row["EventSourceArn"],
            function=row["FunctionArn"],
            enabled=row.get("State") == "Enabled",
            batch_size=int(row.get("BatchSize") or 100),
            window_seconds=float(row.get("MaximumBatchingWindowInSeconds") or 0.0),
            lanes=int(row.get("ParallelizationFactor") or 1),
            retries=_limit(row.get("MaximumRetryAttempts")),
            record_age_seconds=_limit(row.get("MaximumRecordAgeInSeconds")),
            bisect=bool(row.get("BisectBatchOnFunctionError")),
            partial="ReportBatchItemFailures" in (row.get("FunctionResponseTypes") or ()),
            from_start=row.get("StartingPosition", "TRIM_HORIZON") != "LATEST",
            on_failure=destination.get("Destination"),
            patterns=tuple(json.dumps(json.loads(pattern["Pattern"])) for pattern in patterns),
        )


@dataclass(frozen=True)
class QueueMapping:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html has the members' defaults."""

    uuid: str
    queue_arn: str
    function: str
    enabled: bool = True
    batch_size: int = 10
    window_seconds: float = 0.0
    concurrency: int = QUEUE_CONCURRENCY
    partial: bool = False
    patterns: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> QueueMapping:
        patterns = (row.get("FilterCriteria") or {}).get("Filters") or ()
        scaling = row.get("ScalingConfig") or {}
        return cls(
            uuid=row["UUID"],
            queue_arn=row["EventSourceArn"],
            function=row["FunctionArn"],
            enabled=row.get("State") == "Enabled",
            batch_size=int(row.get("BatchSize") or 10),
            window_seconds=float(row.get("MaximumBatchingWindowInSeconds") or 0.0),
            concurrency=int(scaling.get("MaximumConcurrency") or QUEUE_CONCURRENCY),
            partial="ReportBatchItemFailures" in (row.get("FunctionResponseTypes") or ()),
            patterns=tuple(json.dumps(json.loads(pattern["Pattern"])) for pattern in patterns),
        )


def _limit(value: int | str | None) -> int:
    """What a template's parameter filled in is text."""
    return UNLIMITED if value is None else int(value)


def is_stream(arn: str) -> bool:
    return ":dynamodb:" in arn and "/stream/" in arn


def is_queue(arn: str) -> bool:
    return arn.split(":")[2:3] == ["sqs"]
