"""One contract for the guard's ledger: the fake, moto, the local stack and DynamoDB Local keep it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from cutover.aws.guard_ledger import READ_BATCH, GuardLedger
from cutover.aws.user_ledger import UserLedger
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import Offer, State, UserRow
from tests.fakes.guarding import FakeGuardLedger
from tests.fakes.ledger import FakeLedger
from tests.fakes.ledger_table import create_ledger, put_row

OFFER = Offer(
    old_sub="old-1",
    target_name="Ann",
    target_by="username",
    case_sensitive=False,
    new_pool="eu-west-1_new",
    state=State.OFFERED,
    source="sign_in",
    offered_at=1000,
    carried_sub_in="custom:old_sub",
)
SERVERS = {"local stack": "local_stack", "DynamoDB Local": "dynamodb_local"}


class Both:
    """The guard's ledger, and the one that the trigger writes into the same table."""

    def __init__(self, users: Any, guard: Any) -> None:
        self.users, self.guard = users, guard

    def offer(self, **changes: Any) -> UserRow:
        offer = replace(OFFER, **changes)
        self.users.offer(offer)
        found: UserRow = self.guard.row(offer.old_sub)
        return found

    def came_over(self, old_sub: str) -> None:
        row = self.offer(old_sub=old_sub, target_name=f"name-of-{old_sub}")
        assert self.users.confirm(row, f"new-{old_sub}", 3000)


def _real(**where: Any) -> Both:
    client = boto3.client("dynamodb", region_name="us-east-1", **where)
    table = f"ledger-{uuid.uuid4().hex[:8]}"
    create_ledger(client, table)
    users = UserLedger(client, table, sleep=lambda _: None)
    return Both(users, GuardLedger(client, table, users))


@pytest.fixture(
    params=[
        "fake",
        "moto",
        pytest.param("local stack", marks=pytest.mark.local_stack),
        pytest.param("DynamoDB Local", marks=pytest.mark.dynamodb_local),
    ]
)
def both(request: pytest.FixtureRequest) -> Iterator[Both]:
    if request.param == "fake":
        users = FakeLedger()
        yield Both(users, FakeGuardLedger(users))
    elif request.param == "moto":
        with mock_aws():
            yield _real()
    else:
        yield _real(endpoint_url=request.getfixturevalue(SERVERS[request.param]))


def test_nobody_is_settled_before_they_came_over(both: Both) -> None:
    both.offer()
    assert both.guard.settled(["old-1", "old-2"]) == frozenset()
    assert both.guard.settled([]) == frozenset()


def test_settled_is_who_came_over_for_good(both: Both) -> None:
    both.came_over("old-1")
    both.offer(old_sub="old-2", target_name="Bea")
    assert both.guard.settled(["old-1", "old-2", "old-3"]) == {"old-1"}


def test_whoever_was_released_is_settled_no_more(both: Both) -> None:
    both.came_over("old-1")
    assert both.users.release(both.guard.row("old-1"), 4000)
    assert both.guard.settled(["old-1"]) == frozenset()


def test_a_hundred_are_asked_for_at_once(both: Both) -> None:
    both.came_over("old-007")
    assert both.guard.settled(f"old-{n:03}" for n in range(READ_BATCH)) == {"old-007"}


def test_a_row_is_read_as_the_trigger_wrote_it(both: Both) -> None:
    assert both.guard.row("old-1") is None
    both.offer()
    assert both.guard.row("old-1") == both.users.row("old-1")


def test_an_old_sub_of_nothing_has_no_row(both: Both) -> None:
    assert both.guard.row("") is None


@pytest.mark.parametrize("state", [State.OFFERED, State.RESET_OFFERED])
def test_an_offer_is_used_once(both: Both, state: State) -> None:
    row = both.offer(state=state)
    assert [both.guard.use_offer(row) for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize("at", [1000, 1002], ids=["within the same second", "later"])
def test_a_newer_offer_may_be_used_again(both: Both, at: int) -> None:
    assert both.guard.use_offer(both.offer())
    assert both.guard.use_offer(both.offer(offered_at=at))


def test_an_offer_that_was_made_again_meanwhile_is_not_used_by_what_was_read_before(both: Both) -> None:
    seen = both.offer()
    both.offer(offered_at=1002)
    assert not both.guard.use_offer(seen)


def test_an_offer_of_another_pool_is_not_used(both: Both) -> None:
    assert not both.guard.use_offer(replace(both.offer(), new_pool="eu-west-1_other"))


def test_an_offer_that_was_confirmed_meanwhile_is_not_used(both: Both) -> None:
    row = both.offer()
    assert both.users.confirm(row, "new-1", 3000)
    assert not both.guard.use_offer(row)


def test_an_offer_of_nobody_is_not_used_and_makes_no_row(both: Both) -> None:
    row = both.offer()
    assert not both.guard.use_offer(replace(row, old_sub="old-2"))
    assert both.guard.row("old-2") is None


def test_a_use_leaves_the_offer_as_it_was(both: Both) -> None:
    row = both.offer()
    assert both.guard.use_offer(row)
    assert both.guard.row("old-1") == row
    assert both.users.confirm(row, "new-1", 3000)


@pytest.mark.parametrize(
    "server",
    [
        pytest.param("local_stack", marks=pytest.mark.local_stack),
        pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
    ],
)
def test_of_eight_sign_ups_at_once_one_uses_the_offer(request: pytest.FixtureRequest, server: str) -> None:
    both = _real(endpoint_url=request.getfixturevalue(server))
    row = both.offer()
    with ThreadPoolExecutor(8) as pool:
        used = list(pool.map(lambda _: both.guard.use_offer(row), range(8)))
    assert used.count(True) == 1


@pytest.mark.parametrize(
    ("state", "settled"),
    [("imported", True), ("confirmed", True), ("sweeping", False), ("of a later version", False)],
)
def test_a_state_counts_as_settled_only_by_its_name(state: str, settled: bool) -> None:
    with mock_aws():
        both = _real()
        put_row(both.guard._client, both.guard._table, pk="user#old-1", sk="state", state=state)  # noqa: SLF001
        assert both.guard.settled(["old-1"]) == ({"old-1"} if settled else frozenset())


@pytest.mark.parametrize("call", ["settled", "use_offer"])
def test_a_table_that_is_not_there_is_our_own_fault(call: str) -> None:
    with mock_aws():
        real = _real()
        row = real.offer()
        gone = GuardLedger(real.guard._client, "gone", real.users)  # noqa: SLF001
        with pytest.raises(Stop) as stopped:
            gone.settled(["old-1"]) if call == "settled" else gone.use_offer(row)
    assert stopped.value.decision is Decision.MISCONFIGURED
    assert "ResourceNotFoundException" in stopped.value.cause


def test_what_the_table_did_not_get_to_is_a_fault_and_not_a_no() -> None:
    """A throttled BatchGetItem answers with what it did not read:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
    client = boto3.client(
        "dynamodb", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    key = {"pk": {"S": "user#old-1"}, "sk": {"S": "state"}}
    with Stubber(client) as stubbed:
        stubbed.add_response(
            "batch_get_item",
            {"Responses": {}, "UnprocessedKeys": {"t": {"Keys": [key]}}},
            {"RequestItems": {"t": {"Keys": [key], "ConsistentRead": True}}},
        )
        with pytest.raises(Stop, match="throttled"):
            GuardLedger(client, "t", UserLedger(client, "t", sleep=lambda _: None)).settled(["old-1"])
