"""Both tables scanned and compared by means that share nothing with the project: boto3's Python values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import boto3
from boto3.dynamodb.types import Binary
from botocore.config import Config

SEGMENTS = 400
"""DynamoDB Local goes through the whole table for each page behind the first, so a page is a segment."""
PATIENT = Config(read_timeout=600, retries={"total_max_attempts": 3, "mode": "standard"})


def compare(url: str, region: str, source: str, target: str) -> tuple[int, int, list[str]]:
    """How many items each side has, and the ids of items that are not the same on both (100 at most)."""
    resource = boto3.resource("dynamodb", endpoint_url=url, region_name=region, config=PATIENT)
    left = {str(item["id"]): digest(item) for item in items(resource.Table(source))}
    there, found = len(left), 0
    differing: list[str] = []
    for item in items(resource.Table(target)):
        found += 1
        if left.pop(str(item["id"]), b"") != digest(item):
            differing.append(str(item["id"]))
    return there, found, sorted([*differing, *left])[:100]


def items(table: Any) -> Iterator[Mapping[str, Any]]:
    for segment in range(SEGMENTS):
        start: dict[str, Any] = {}
        while True:
            page = table.scan(ConsistentRead=True, Segment=segment, TotalSegments=SEGMENTS, **start)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def digest(item: Any) -> bytes:
    return hashlib.blake2b(spelled(item).encode(), digest_size=16).digest()


def spelled(value: Any) -> str:
    """One spelling for each value: numbers normalised, sets and maps sorted."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{name!r}:{spelled(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, set):
        return "s(" + ",".join(sorted(map(spelled, value))) + ")"
    if isinstance(value, list):
        return "[" + ",".join(map(spelled, value)) + "]"
    if isinstance(value, Decimal):
        return f"n{value.normalize():f}"
    return f"b{bytes(value).hex()}" if isinstance(value, Binary | bytes) else repr(value)
