"""One contract for the ledger's rows about groups: the fake, moto and the local stack keep it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import boto3
import pytest
from moto import mock_aws

from cutover.aws.group_ledger import GroupLedger as RealGroupLedger
from cutover.aws.user_ledger import UserLedger
from cutover.users.decision_table import Stop
from cutover.users.group_ports import GroupLedger
from cutover.users.group_rows import By, GroupRow, Membership
from cutover.users.ledger_rows import Offer, State, UserRow
from cutover.users.ports import Ledger
from tests.fakes.groups import FakeGroupLedger
from tests.fakes.ledger import FakeLedger
from tests.fakes.ledger_table import create_ledger

POOL = "eu-west-1_new"
OFFER = Offer("old-1", "ann", "username", False, POOL, State.OFFERED, "sign_in", 1000, "custom:old_sub")


@dataclass
class Rows:
    users: Ledger
    groups: GroupLedger

    def confirmed(self, new_sub: str = "new-1") -> UserRow:
        self.users.offer(OFFER)
        offered = self.users.row("old-1")
        assert offered is not None
        assert self.users.confirm(offered, new_sub, 2000)
        return self.row()

    def row(self) -> UserRow:
        found = self.users.row("old-1")
        assert found is not None
        return found

    def membership(self) -> Membership:
        found = self.groups.membership("old-1")
        assert found is not None
        return found


def _real(**where: str) -> Rows:
    client = boto3.client("dynamodb", **{"region_name": "us-east-1", **where})
    table = f"ledger-{uuid.uuid4().hex[:8]}"
    create_ledger(client, table)
    return Rows(UserLedger(client, table, sleep=lambda _: None), RealGroupLedger(client, table, POOL))


@pytest.fixture(params=["fake", "moto", pytest.param("local stack", marks=pytest.mark.local_stack)])
def rows(request: pytest.FixtureRequest) -> Iterator[Rows]:
    if request.param == "fake":
        users = FakeLedger()
        yield Rows(users, FakeGroupLedger(users))
    elif request.param == "moto":
        with mock_aws():
            yield _real()
    else:
        yield _real(endpoint_url=request.getfixturevalue("local_stack"))


def test_nobody_is_nobody(rows: Rows) -> None:
    assert rows.groups.membership("old-1") is None


def test_a_confirmed_user_has_no_plan_yet(rows: Rows) -> None:
    rows.confirmed()
    assert rows.membership() == Membership(rows.row())


def test_a_plan_is_kept(rows: Rows) -> None:
    row = rows.confirmed()
    kept, ours = rows.groups.plan(row, frozenset({"a", "b"}), 3000)
    assert (kept.todo, ours) == ({"a", "b"}, True)
    assert rows.membership() == Membership(row, planned=True, todo=frozenset({"a", "b"}))


def test_a_plan_of_nothing_is_a_plan(rows: Rows) -> None:
    row = rows.confirmed()
    rows.groups.plan(row, frozenset(), 3000)
    assert rows.membership() == Membership(row, planned=True)


def test_the_first_plan_counts(rows: Rows) -> None:
    row = rows.confirmed()
    rows.groups.plan(row, frozenset({"a"}), 3000)
    kept, ours = rows.groups.plan(row, frozenset({"b"}), 3001)
    assert (kept.todo, ours) == ({"a"}, False)


def test_after_the_end_nothing_is_planned(rows: Rows) -> None:
    row = rows.confirmed()
    rows.groups.finish(row, 3000)
    kept, ours = rows.groups.plan(row, frozenset({"b"}), 3001)
    assert (kept.todo, kept.done, ours) == (frozenset(), True, False)


def test_nothing_is_planned_for_a_user_who_is_not_confirmed(rows: Rows) -> None:
    rows.users.offer(OFFER)
    with pytest.raises(Stop):
        rows.groups.plan(replace(rows.row(), new_sub="new-1"), frozenset({"a"}), 3000)


def test_nothing_is_planned_for_another_new_user(rows: Rows) -> None:
    row = rows.confirmed()
    with pytest.raises(Stop):
        rows.groups.plan(replace(row, new_sub="new-2"), frozenset({"a"}), 3000)


def test_what_is_joined_comes_off_the_list(rows: Rows) -> None:
    row = rows.confirmed()
    rows.groups.plan(row, frozenset({"a", "b"}), 3000)
    rows.groups.joined(row, "a")
    assert rows.membership().todo == {"b"}
    rows.groups.joined(row, "b")
    assert rows.membership() == Membership(row, planned=True)


def test_the_end_is_for_good(rows: Rows) -> None:
    row = rows.confirmed()
    rows.groups.plan(row, frozenset({"a"}), 3000)
    rows.groups.finish(row, 3001)
    assert rows.membership() == Membership(row, planned=True, done=True)


@pytest.mark.parametrize("step", ["joined", "finish"])
def test_a_step_for_another_new_user_changes_nothing(rows: Rows, step: str) -> None:
    row = rows.confirmed()
    rows.groups.plan(row, frozenset({"a"}), 3000)
    foreign = replace(row, new_sub="new-2")
    steps: dict[str, Callable[[], None]] = {
        "joined": lambda: rows.groups.joined(foreign, "a"),
        "finish": lambda: rows.groups.finish(foreign, 3001),
    }
    steps[step]()
    assert rows.membership() == Membership(row, planned=True, todo=frozenset({"a"}))


def test_a_user_row_is_still_read_as_one(rows: Rows) -> None:
    row = rows.confirmed()
    rows.groups.plan(row, frozenset({"a"}), 3000)
    assert rows.row() == row


class TestDefinitions:
    def test_a_group_without_a_row(self, rows: Rows) -> None:
        assert rows.groups.group("a") is None

    def test_a_claim_is_kept(self, rows: Rows) -> None:
        claimed = rows.groups.claim_group("a", 3000)
        assert claimed == rows.groups.group("a") == GroupRow("a", "a", By.CREATING, 3000)

    def test_the_first_claim_counts(self, rows: Rows) -> None:
        first = rows.groups.claim_group("a", 3000)
        assert rows.groups.claim_group("a", 3001) == first

    def test_a_claim_is_renewed(self, rows: Rows) -> None:
        first = rows.groups.claim_group("a", 3000)
        assert (
            rows.groups.renew_claim(first, 3060) == rows.groups.group("a") == replace(first, claimed_at=3060)
        )

    def test_of_two_who_renew_the_first_counts(self, rows: Rows) -> None:
        first = rows.groups.claim_group("a", 3000)
        renewed = rows.groups.renew_claim(first, 3060)
        assert rows.groups.renew_claim(first, 3061) == renewed

    def test_a_claim_is_settled(self, rows: Rows) -> None:
        claimed = rows.groups.claim_group("a", 3000)
        assert rows.groups.settle_group(claimed, By.CREATED).by == By.CREATED
        assert rows.groups.group("a") == replace(claimed, by=By.CREATED)

    def test_what_is_settled_stays(self, rows: Rows) -> None:
        claimed = rows.groups.claim_group("a", 3000)
        rows.groups.settle_group(claimed, By.CREATED)
        assert rows.groups.settle_group(claimed, By.LEFT).by == By.CREATED
        assert rows.groups.renew_claim(claimed, 3060).by == By.CREATED

    def test_a_mapping_replaces_what_was_there(self, rows: Rows) -> None:
        rows.groups.claim_group("a", 3000)
        mapped = rows.groups.map_group("a", "b")
        assert mapped == rows.groups.group("a") == GroupRow("a", "b", By.MAPPED)

    def test_names_with_the_keys_separator_do_not_meet(self, rows: Rows) -> None:
        rows.groups.map_group("a#b", "c")
        assert rows.groups.group("a") is None
        assert rows.groups.group("a#b") == GroupRow("a#b", "c", By.MAPPED)

    def test_a_claim_whose_row_is_gone_is_a_fault(self, rows: Rows) -> None:
        with pytest.raises(Stop):
            rows.groups.settle_group(GroupRow("a", "a", By.CREATING, 3000), By.CREATED)
