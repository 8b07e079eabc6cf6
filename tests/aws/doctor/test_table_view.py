"""A table's description, and what other calls say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from cutover.aws.doctor_reading import Reading
from cutover.aws.doctor_table_view import surroundings, view_of
from cutover.control.doctor.table_facts import Capacity, KeyFacts, TableView
from cutover.tables.target_rules import IndexRule
from tests.aws.cloud import AWS, REGION

ALL = {"ProjectionType": "ALL"}


@pytest.fixture
def clients() -> Iterator[dict[str, Any]]:
    with mock_aws():
        yield {name: AWS.client(name) for name in ("dynamodb", "kms", "application-autoscaling")}


def create(client: Any, **changed: Any) -> None:
    client.create_table(
        **{
            "TableName": "orders",
            "KeySchema": [
                {"AttributeName": "id", "KeyType": "HASH"},
                {"AttributeName": "at", "KeyType": "RANGE"},
            ],
            "AttributeDefinitions": [
                {"AttributeName": "at", "AttributeType": "N"},
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "mail", "AttributeType": "S"},
            ],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-mail",
                    "KeySchema": [{"AttributeName": "mail", "KeyType": "HASH"}],
                    "Projection": ALL,
                    **(
                        {"ProvisionedThroughput": throughput(7)} if "ProvisionedThroughput" in changed else {}
                    ),
                }
            ],
            "LocalSecondaryIndexes": [
                {
                    "IndexName": "mail-of-one",
                    "KeySchema": [
                        {"AttributeName": "id", "KeyType": "HASH"},
                        {"AttributeName": "mail", "KeyType": "RANGE"},
                    ],
                    "Projection": ALL,
                }
            ],
            **({} if "ProvisionedThroughput" in changed else {"BillingMode": "PAY_PER_REQUEST"}),
            **changed,
        }
    )


def throughput(units: int) -> dict[str, int]:
    return {"ReadCapacityUnits": units, "WriteCapacityUnits": units}


def seen(clients: dict[str, Any], reading: Reading | None = None) -> TableView:
    described = clients["dynamodb"].describe_table(TableName="orders")["Table"]
    return surroundings(
        view_of("orders", described),
        clients["dynamodb"],
        clients["kms"],
        clients["application-autoscaling"],
        reading or Reading(),
    )


def test_keys_come_with_their_types_the_partition_key_first(clients: dict[str, Any]) -> None:
    create(clients["dynamodb"])
    view = seen(clients)
    assert view.keys == (("id", "S"), ("at", "N"))
    assert view.indexes == (
        IndexRule("by-mail", (("mail", "S"),)),
        IndexRule("mail-of-one", (("id", "S"), ("mail", "S")), local=True),
    )
    assert (view.name, view.region, view.account) == ("orders", REGION, "123456789012")


def test_a_stream_that_is_on_shows_its_arn_and_view(clients: dict[str, Any]) -> None:
    create(clients["dynamodb"], StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    view = seen(clients)
    assert view.stream_view == "KEYS_ONLY"
    assert view.stream_arn is not None
    assert view.stream_arn.startswith(f"{view.arn}/stream/")


def test_a_stream_that_was_switched_off_is_none(clients: dict[str, Any]) -> None:
    create(clients["dynamodb"], StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    clients["dynamodb"].update_table(TableName="orders", StreamSpecification={"StreamEnabled": False})
    assert (seen(clients).stream_arn, seen(clients).stream_view) == (None, None)


def test_provisioned_capacity_is_that_of_the_table_and_of_each_index(clients: dict[str, Any]) -> None:
    create(clients["dynamodb"], ProvisionedThroughput=throughput(5))
    view = seen(clients)
    assert view.capacity == Capacity(on_demand=False, read=5, write=5, warm_write=5, warm_read=5)
    index = view.index_capacity["by-mail"]
    assert (index.on_demand, index.read, index.write) == (False, 7, 7)
    assert (view.as_table_facts().read_units, view.scaled_to) == (5, {})


def test_auto_scaling_says_how_far_it_goes(clients: dict[str, Any]) -> None:
    create(clients["dynamodb"], ProvisionedThroughput=throughput(5))
    for resource, kind, most in (
        ("table/orders", "table:Write", 900),
        ("table/orders", "table:Read", 5000),
        ("table/orders/index/by-mail", "index:Write", 700),
        ("table/orders-old", "table:Write", 9),
    ):
        clients["application-autoscaling"].register_scalable_target(
            ServiceNamespace="dynamodb",
            ResourceId=resource,
            ScalableDimension=f"dynamodb:{kind}CapacityUnits",
            MinCapacity=5,
            MaxCapacity=most,
        )
    assert seen(clients).scaled_to == {"": 900, "by-mail": 700}


def test_an_on_demand_table_has_no_provisioned_units(clients: dict[str, Any]) -> None:
    create(clients["dynamodb"])
    view = seen(clients)
    assert view.capacity == Capacity(on_demand=True, warm_write=4000, warm_read=12000)
    assert (view.as_table_facts().write_units, view.scaled_to) == (None, {})


def test_time_to_live_is_an_attribute_or_nothing(clients: dict[str, Any]) -> None:
    create(clients["dynamodb"])
    assert (seen(clients).ttl_read, seen(clients).ttl_attribute) == (True, None)
    clients["dynamodb"].update_time_to_live(
        TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"}
    )
    assert seen(clients).ttl_attribute == "until"


def test_recovery_and_protection_are_seen(clients: dict[str, Any]) -> None:
    create(clients["dynamodb"], DeletionProtectionEnabled=True)
    assert (seen(clients).deletion_protected, seen(clients).recoverable) == (True, False)
    clients["dynamodb"].update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    assert seen(clients).recoverable is True


def test_a_key_of_ones_own_is_told_from_none(clients: dict[str, Any]) -> None:
    key = clients["kms"].create_key()["KeyMetadata"]["Arn"]
    create(
        clients["dynamodb"],
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    assert seen(clients).key == KeyFacts(key, customer=True)
    clients["kms"].schedule_key_deletion(KeyId=key.rpartition("/")[2])
    assert seen(clients).key == KeyFacts(key, customer=True, state="PendingDeletion")
    clients["dynamodb"].delete_table(TableName="orders")
    create(clients["dynamodb"])
    assert seen(clients).key is None


def test_a_key_that_may_not_be_described_is_noted_and_stays_known(clients: dict[str, Any]) -> None:
    create(
        clients["dynamodb"],
        SSESpecification={
            "Enabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": "arn:aws:kms:eu-west-1:1:key/x",
        },
    )
    reading = Reading()
    assert seen(clients, reading).key == KeyFacts("arn:aws:kms:eu-west-1:1:key/x", customer=None)
    assert reading.notes == ["the key of orders: DescribeKey NotFoundException"]


def described(**changed: Any) -> TableView:
    """As the SDK's model has it: moto does not know these."""
    client = AWS.client("dynamodb")
    table = {
        "TableName": "orders",
        "TableArn": f"arn:aws:dynamodb:{REGION}:123456789012:table/orders",
        "TableStatus": "ACTIVE",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        **changed,
    }
    with Stubber(client) as stubber:
        stubber.add_response("describe_table", {"Table": table})
        return view_of("orders", client.describe_table(TableName="orders")["Table"])


def test_warm_throughput_and_limits_of_an_on_demand_table() -> None:
    view = described(
        WarmThroughput={"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"},
        OnDemandThroughput={"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 500},
    )
    assert view.capacity == Capacity(on_demand=True, read=None, write=500, warm_write=4000, warm_read=12000)


def test_a_global_table_shows_its_version_and_its_other_regions() -> None:
    view = described(
        GlobalTableVersion="2019.11.21", Replicas=[{"RegionName": REGION}, {"RegionName": "us-east-1"}]
    )
    assert (view.is_global, view.replicas, view.global_version) == (True, ("us-east-1",), "2019.11.21")
    assert not described().is_global
