"""The ledger's rows of a pool, and who the ledger says came over by this migration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.pool_ledger import PoolLedger
from cutover.aws.reservation_index import ReservationIndex
from cutover.control.ledger_rows import Attachment, AttachState
from cutover.control.taken_names import PoolUser, Taken

POOL = "eu-west-1_new"
OLD = PoolUser("ann", "old-1", "CONFIRMED")
NEW = PoolUser("ann", "new-1", "CONFIRMED", {"custom:old_sub": "old-1", "email": "ann@x.org"})


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName="ledger",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


@pytest.fixture
def ledger(client: Any) -> PoolLedger:
    return PoolLedger(client, "ledger")


def note(**more: Any) -> Attachment:
    known: dict[str, Any] = {
        "pool_id": POOL,
        "state": AttachState.ATTACHING,
        "trigger": "arn:live",
        "previous": None,
        "stack": "app",
        "at": 5,
    }
    return Attachment(**{**known, **more})


def snapshots(client: Any) -> dict[str, str]:
    rows = client.scan(TableName="ledger", ConsistentRead=True)["Items"]
    return {row["sk"]["S"]: row["settings"]["S"] for row in rows if "settings" in row}


def test_a_pool_that_was_never_attached_has_no_row(ledger: PoolLedger) -> None:
    assert ledger.attachment(POOL) is None


@pytest.mark.parametrize(
    "row",
    [
        note(),
        note(previous="arn:3", protection_before=False),
        note(protection_before=True),
        note(
            triggers={
                "UserMigration": "arn:live",
                "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": "arn:claims"},
            },
            previous_triggers={"PreTokenGeneration": "arn:theirs"},
            clients={"web": {"flows": ["a", "b"], "flows_before": ["a"]}},
            by_code=True,
        ),
    ],
)
def test_a_row_is_read_as_it_was_saved(ledger: PoolLedger, row: Attachment) -> None:
    ledger.save(row)
    assert ledger.attachment(POOL) == row


def test_the_snapshot_is_saved_with_the_row(ledger: PoolLedger, client: Any) -> None:
    ledger.begin(note(), {"taken_at": 5, "UserPool": {"Name": "n"}})
    assert '"Name": "n"' in snapshots(client)["snapshot"]
    assert ledger.attachment(POOL) == note()


@pytest.mark.parametrize("state", [AttachState.ATTACHED, AttachState.DETACHING])
def test_the_first_snapshot_of_a_still_attached_pool_stays(
    ledger: PoolLedger, client: Any, state: AttachState
) -> None:
    ledger.begin(note(), {"taken_at": 5, "UserPool": {"Name": "first"}})
    ledger.save(note(state=state))
    ledger.begin(note(), {"taken_at": 9, "UserPool": {"Name": "second"}})
    found = snapshots(client)
    assert "first" in found["snapshot"]
    assert "second" in found["snapshot#9"]


def test_a_detached_pool_is_snapshot_anew(ledger: PoolLedger, client: Any) -> None:
    ledger.begin(note(), {"taken_at": 5, "UserPool": {"Name": "first"}})
    ledger.save(note(state=AttachState.DETACHED))
    ledger.begin(note(), {"taken_at": 9, "UserPool": {"Name": "second"}})
    assert "second" in snapshots(client)["snapshot"]


def test_an_index_counts_once_it_was_built_to_its_end(ledger: PoolLedger, client: Any) -> None:
    rows = ReservationIndex(client, "ledger")
    found = [ledger.index_built(POOL)]
    rows.begin(POOL, 5.0)
    found.append(ledger.index_built(POOL))
    rows.complete(POOL, 9.0, 3)
    found.append(ledger.index_built(POOL))
    rows.begin(POOL, 12.0)
    found.append(ledger.index_built(POOL))
    assert found == [False, False, True, False]


def put(client: Any, **row: Any) -> None:
    client.put_item(TableName="ledger", Item={name: {"S": value} for name, value in row.items()})


def offer(client: Any, **more: str) -> None:
    known = {
        "pk": "user#old-1",
        "sk": "state",
        "old_sub": "old-1",
        "state": "offered",
        "target_name": "ann",
        "target_by": "username",
        "new_pool": POOL,
        "carried_sub_in": "custom:old_sub",
    }
    put(client, **{**known, **more})


def strangers(ledger: PoolLedger, new: PoolUser = NEW) -> tuple[Taken, ...]:
    return ledger.strangers([Taken(OLD, new, ("username",))], POOL)


def test_a_user_of_whom_the_ledger_knows_nothing_is_a_stranger(ledger: PoolLedger) -> None:
    assert len(strangers(ledger)) == 1


def test_a_confirmed_user_came_over(ledger: PoolLedger, client: Any) -> None:
    put(client, pk="newsub#new-1", sk="map", old_sub="old-1")
    assert strangers(ledger) == ()


def test_who_came_over_as_another_old_user_is_a_stranger_to_this_one(ledger: PoolLedger, client: Any) -> None:
    put(client, pk="newsub#new-1", sk="map", old_sub="old-2")
    assert len(strangers(ledger)) == 1


def test_an_offered_user_with_the_offers_name_and_old_sub_came_over(ledger: PoolLedger, client: Any) -> None:
    offer(client)
    assert strangers(ledger) == ()


def test_an_offered_user_may_be_named_by_an_attribute(ledger: PoolLedger, client: Any) -> None:
    offer(client, target_name="ann@x.org", target_by="email")
    assert strangers(ledger) == ()


@pytest.mark.parametrize(
    "other",
    [{"new_pool": "eu-west-1_other"}, {"target_name": "bob"}, {"state": "confirmed"}],
    ids=lambda other: next(iter(other)),
)
def test_an_offer_that_does_not_fit_excuses_nobody(
    ledger: PoolLedger, client: Any, other: dict[str, str]
) -> None:
    offer(client, **other)
    assert len(strangers(ledger)) == 1


def test_a_user_of_the_offers_name_without_the_old_sub_is_a_stranger(ledger: PoolLedger, client: Any) -> None:
    offer(client)
    assert len(strangers(ledger, PoolUser("ann", "new-9", "CONFIRMED"))) == 1
