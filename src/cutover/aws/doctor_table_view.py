"""A table as doctor looks at it: its description, and what belongs to it.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cutover.aws.doctor_reading import Reading
from cutover.control.doctor.table_facts import Capacity, KeyFacts, TableView
from cutover.tables.target_rules import IndexRule, KeyTypes

_WRITES = {"dynamodb:table:WriteCapacityUnits", "dynamodb:index:WriteCapacityUnits"}


def view_of(spec: str, table: Mapping[str, Any]) -> TableView:
    """What the reply of DescribeTable alone says."""
    types = {row["AttributeName"]: row["AttributeType"] for row in table["AttributeDefinitions"]}
    stream = table.get("StreamSpecification") or {}
    on = bool(stream.get("StreamEnabled"))
    on_demand = (table.get("BillingModeSummary") or {}).get("BillingMode") == "PAY_PER_REQUEST"
    encryption = table.get("SSEDescription") or {}
    region = str(table["TableArn"]).split(":")[3]
    return TableView(
        spec=spec,
        arn=table["TableArn"],
        status=table["TableStatus"],
        keys=_keys(table, types),
        indexes=tuple(_indexes(table, types)),
        items=int(table.get("ItemCount", 0)),
        bytes=int(table.get("TableSizeBytes", 0)),
        capacity=_capacity(table, on_demand),
        index_capacity={
            index["IndexName"]: _capacity(index, on_demand)
            for index in table.get("GlobalSecondaryIndexes") or ()
        },
        stream_arn=table.get("LatestStreamArn") if on else None,
        stream_view=stream.get("StreamViewType") if on else None,
        last_stream_arn=table.get("LatestStreamArn"),
        key=KeyFacts(encryption["KMSMasterKeyArn"]) if encryption.get("KMSMasterKeyArn") else None,
        global_version=table.get("GlobalTableVersion") or "",
        replicas=tuple(
            replica["RegionName"]
            for replica in table.get("Replicas") or ()
            if replica.get("RegionName") != region
        ),
        deletion_protected=bool(table.get("DeletionProtectionEnabled")),
    )


def surroundings(view: TableView, client: Any, kms: Any, scaling: Any, reading: Reading) -> TableView:
    """With what other calls say of the table: its time to live, backups, key and auto scaling."""
    ttl = reading.attempt(f"the time to live of {view.name}", _ttl, client, view.spec)
    recoverable = reading.attempt(f"the backups of {view.name}", _recoverable, client, view.spec)
    key = view.key and reading.attempt(f"the key of {view.name}", _key, kms, view.key.arn)
    scaled = None
    if not view.capacity.on_demand:
        scaled = reading.attempt(f"the auto scaling of {view.name}", _scaled_to, scaling, view)
    return replace(
        view,
        ttl_read=ttl is not None,
        ttl_attribute=ttl or None,
        recoverable=recoverable,
        key=key or view.key,
        scaled_to=scaled or {},
    )


def _keys(described: Mapping[str, Any], types: Mapping[str, str]) -> KeyTypes:
    rows = sorted(described["KeySchema"], key=lambda row: row["KeyType"])
    return tuple((row["AttributeName"], types[row["AttributeName"]]) for row in rows)


def _indexes(table: Mapping[str, Any], types: Mapping[str, str]) -> Iterator[IndexRule]:
    for kind, local in (("GlobalSecondaryIndexes", False), ("LocalSecondaryIndexes", True)):
        for index in table.get(kind) or ():
            yield IndexRule(index["IndexName"], _keys(index, types), local)


def _capacity(described: Mapping[str, Any], on_demand: bool) -> Capacity:
    provisioned = described.get("ProvisionedThroughput") or {}
    limits = described.get("OnDemandThroughput") or {}
    warm = described.get("WarmThroughput") or {}
    read = limits.get("MaxReadRequestUnits") if on_demand else provisioned.get("ReadCapacityUnits")
    write = limits.get("MaxWriteRequestUnits") if on_demand else provisioned.get("WriteCapacityUnits")
    return Capacity(
        on_demand,
        _positive(read),
        _positive(write),
        warm_write=_positive(warm.get("WriteUnitsPerSecond")),
        warm_read=_positive(warm.get("ReadUnitsPerSecond")),
    )


def _positive(units: Any) -> float | None:
    """DynamoDB writes -1 where there is no limit."""
    return float(units) if units is not None and units > 0 else None


def _ttl(client: Any, table: str) -> str:
    """The attribute; empty where time to live is off."""
    found = client.describe_time_to_live(TableName=table).get("TimeToLiveDescription") or {}
    on = found.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
    return str(found.get("AttributeName", "")) if on else ""


def _recoverable(client: Any, table: str) -> bool:
    found = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    recovery = found.get("PointInTimeRecoveryDescription") or {}
    return recovery.get("PointInTimeRecoveryStatus") == "ENABLED"


def _key(kms: Any, arn: str) -> KeyFacts:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html"""
    found = kms.describe_key(KeyId=arn)["KeyMetadata"]
    return KeyFacts(arn, found.get("KeyManager") == "CUSTOMER", found.get("KeyState") or "Enabled")


def _scaled_to(scaling: Any, view: TableView) -> dict[str, float]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html"""
    names = {
        f"table/{view.name}": "",
        **{f"table/{view.name}/index/{one}": one for one in view.index_capacity},
    }
    pages = scaling.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="dynamodb", ResourceIds=list(names)
    )
    return {
        names[target["ResourceId"]]: float(target["MaxCapacity"])
        for page in pages
        for target in page["ScalableTargets"]
        if target["ScalableDimension"] in _WRITES
    }
