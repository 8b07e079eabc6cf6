"""One contract for the ledger's side of a sweep: the fake, moto and the local stack keep it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from cutover.aws.sweep_ledger import SweepLedger as RealSweepLedger
from cutover.aws.user_ledger import UserLedger
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import Offer, State, UserRow
from cutover.users.ports import Ledger
from cutover.users.sweep import SWEEPING, SweepLedger
from tests.fakes.ledger import FakeLedger
from tests.fakes.ledger_table import create_ledger
from tests.fakes.sweep import FakeSweepLedger

POOL = "eu-west-1_new"
OFFER = Offer(
    "old-1", "Ann", "username", False, POOL, State.RESET_OFFERED, "forgot_password", 1000, "custom:old_sub"
)


@dataclass
class Rows:
    users: Ledger
    sweep: SweepLedger

    def row(self) -> UserRow:
        found = self.users.row("old-1")
        assert found is not None
        return found

    def begun(self) -> UserRow:
        assert self.sweep.begin(self.row(), "new-1", 90_000)
        return self.row()


def _real(**where: str) -> Rows:
    client = boto3.client("dynamodb", **{"region_name": "us-east-1", **where})
    table = f"ledger-{uuid.uuid4().hex[:8]}"
    create_ledger(client, table)
    return Rows(UserLedger(client, table, sleep=lambda _: None), RealSweepLedger(client, table))


@pytest.fixture(params=["fake", "moto", pytest.param("local stack", marks=pytest.mark.local_stack)])
def rows(request: pytest.FixtureRequest) -> Iterator[Rows]:
    """One user was offered a reset."""
    with mock_aws() if request.param == "moto" else nullcontext():
        if request.param == "fake":
            users = FakeLedger()
            made = Rows(users, FakeSweepLedger(users))
        elif request.param == "moto":
            made = _real()
        else:
            made = _real(endpoint_url=request.getfixturevalue("local_stack"))
        made.users.offer(OFFER)
        yield made


def test_a_sweep_is_written_down(rows: Rows) -> None:
    offered = rows.row()
    assert rows.begun() == replace(offered, state=SWEEPING, swept_sub="new-1", swept_at=90_000)


def test_it_begins_once(rows: Rows) -> None:
    offered = rows.row()
    rows.begun()
    assert not rows.sweep.begin(offered, "new-1", 90_001)


def test_it_does_not_begin_where_the_offer_was_made_anew(rows: Rows) -> None:
    offered = rows.row()
    rows.users.offer(replace(OFFER, offered_at=2000))
    assert not rows.sweep.begin(offered, "new-1", 90_000)


def test_it_does_not_begin_where_the_user_was_confirmed(rows: Rows) -> None:
    offered = rows.row()
    rows.users.confirm(offered, "new-1", 2000)
    assert not rows.sweep.begin(offered, "new-1", 90_000)


def test_nobody_is_confirmed_while_swept(rows: Rows) -> None:
    offered = rows.row()
    rows.begun()
    assert not rows.users.confirm(offered, "new-1", 90_001)


@pytest.mark.parametrize("state", [State.OFFERED, State.RESET_OFFERED])
def test_nobody_is_offered_while_swept(rows: Rows, state: State) -> None:
    rows.begun()
    with pytest.raises(Stop) as stopped:
        rows.users.offer(replace(OFFER, state=state, offered_at=90_001))
    assert stopped.value.decision is Decision.ALREADY_MIGRATED


def test_one_worker_takes_it_over(rows: Rows) -> None:
    begun = rows.begun()
    assert rows.sweep.take_over(begun, 91_000)
    assert not rows.sweep.take_over(begun, 91_001)
    assert rows.row() == replace(begun, swept_at=91_000)


def test_what_is_given_back_is_as_it_was(rows: Rows) -> None:
    offered = rows.row()
    assert rows.sweep.give_back(rows.begun())
    assert rows.row() == offered
    assert rows.users.confirm(offered, "new-1", 90_001)


def test_what_is_forgotten_is_gone_with_its_name(rows: Rows) -> None:
    assert rows.sweep.forget(rows.begun())
    assert rows.users.row("old-1") is None
    rows.users.offer(replace(OFFER, old_sub="old-2"))
    assert rows.users.row("old-2") is not None


def test_a_worker_that_lost_it_changes_nothing(rows: Rows) -> None:
    begun = rows.begun()
    rows.sweep.take_over(begun, 91_000)
    assert not rows.sweep.give_back(begun)
    assert not rows.sweep.forget(begun)
    assert rows.row().state == SWEEPING


def test_what_is_gone_is_not_forgotten_twice(rows: Rows) -> None:
    begun = rows.begun()
    rows.sweep.forget(begun)
    assert not rows.sweep.forget(begun)


class TestReleased:
    def test_a_released_user_is_released_again(self) -> None:
        with mock_aws():
            rows = _real()
            rows.users.offer(OFFER)
            rows.users.confirm(rows.row(), "new-1", 2000)
            users = rows.users
            assert isinstance(users, UserLedger)
            assert users.release(rows.row(), 3000)
            rows.users.offer(replace(OFFER, offered_at=4000))
            assert rows.sweep.forget(rows.begun())
            found = rows.row()
            assert (found.state, found.released_at, found.swept_sub) == (State.RELEASED, 3000, "")
            with pytest.raises(Stop):
                rows.users.offer(replace(OFFER, state=State.OFFERED, offered_at=95_000))
            rows.users.offer(replace(OFFER, offered_at=95_000))


def test_a_conflict_is_a_fault() -> None:
    client = boto3.client("dynamodb", region_name="us-east-1")
    row = UserRow("old-1", SWEEPING, "ann", "username", True, POOL, 1, 1)
    with Stubber(client) as stubber:
        stubber.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": [{"Code": "TransactionConflict"}]},
        )
        with pytest.raises(Stop):
            RealSweepLedger(client, "ledger").give_back(row)
