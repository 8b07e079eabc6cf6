"""The plain ways: what somebody writes who does not ask what happens in between. None of them is correct
beside a live application; they are the floor of the cost."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3


def blind_copy(endpoint: str, region: str, source: str, target: str, *, threads: int) -> None:
    """A parallel scan into boto3's batch writer, as most copy scripts do it."""

    def segment(number: int) -> None:
        dynamodb = boto3.Session(region_name=region).resource("dynamodb", endpoint_url=endpoint)
        start: dict[str, Any] = {}
        with dynamodb.Table(target).batch_writer() as writer:
            while True:
                page = dynamodb.Table(source).scan(Segment=number, TotalSegments=threads, **start)
                for item in page["Items"]:
                    writer.put_item(Item=item)
                if "LastEvaluatedKey" not in page:
                    return
                start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(segment, range(threads)))


def aws_put_item_each(aws: Path, endpoint: str, region: str, items: Sequence[Any], target: str) -> None:
    """One `aws dynamodb put-item` process for each item, one after the other: a shell loop over a dump."""
    where = ["--endpoint-url", endpoint, "--region", region, "--table-name", target]
    for item in items:
        subprocess.run([str(aws), "dynamodb", "put-item", *where, "--item", json.dumps(item)], check=True)


def put_per_record(client: Any, target: str, records: Sequence[Mapping[str, Any]]) -> None:
    """The usual sample of a stream function: one call for each record, image as it is."""
    for record in records:
        change = record["dynamodb"]
        if record["eventName"] == "REMOVE":
            client.delete_item(TableName=target, Key=change["Keys"])
        else:
            client.put_item(TableName=target, Item=change["NewImage"])


def bare_scans(endpoint: str, region: str, tables: Sequence[str], *, threads: int) -> None:
    """Both tables read by parallel scans and thrown away."""

    def segment(place: tuple[str, int]) -> None:
        table, number = place
        client = boto3.Session(region_name=region).client("dynamodb", endpoint_url=endpoint)
        pages = client.get_paginator("scan").paginate(TableName=table, Segment=number, TotalSegments=threads)
        for _ in pages:
            pass

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(segment, [(table, number) for table in tables for number in range(threads)]))
