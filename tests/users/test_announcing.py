"""Others are told of a confirmed user: after the confirmation, at least once, and nothing personal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from cutover.users.announcing import Announced, Announcing, AnnouncingParts, announce
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import State, UserRow
from tests.users.world import NEW, NEW_SUB, OLD, OTHER_SUB, SUB, World

TOLD = {"old_sub": SUB, "new_sub": NEW_SUB, "old_pool": OLD, "new_pool": NEW}


@dataclass
class Others:
    """Ann was confirmed. This is the bus and the ledger's marks in one."""

    users: World = field(default_factory=World)
    sent: list[Mapping[str, str]] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.users.sign_in()
        self.users.create()
        self.users.settle()

    def put(self, detail: Mapping[str, str]) -> None:
        self._fail("put")
        self.sent.append(detail)

    def announced(self, old_sub: str) -> Announced | None:
        row = self.users.ledger.row(old_sub)
        return None if row is None else Announced(row, self.marks.get(old_sub, ""))

    def mark(self, row: UserRow) -> None:
        self._fail("mark")
        self.marks[row.old_sub] = row.new_sub

    def tell(self, old_sub: str = SUB) -> Announcing:
        return announce(old_sub, AnnouncingParts(OLD, NEW, self, self))

    def _fail(self, step: str) -> None:
        if step in self.faults:
            self.faults.remove(step)
            raise Stop(Decision.MISCONFIGURED, step)


@pytest.fixture
def others() -> Others:
    return Others()


def test_both_subs_and_both_pools_are_all_that_is_told(others: Others) -> None:
    assert others.tell() is Announcing.SENT
    assert others.sent == [TOLD]


def test_a_second_message_tells_nothing(others: Others) -> None:
    others.tell()
    assert others.tell() is Announcing.NOTHING
    assert len(others.sent) == 1


def test_a_bus_that_does_not_take_it_is_asked_again(others: Others) -> None:
    others.faults = ["put"]
    with pytest.raises(Stop):
        others.tell()
    assert others.tell() is Announcing.SENT
    assert others.sent == [TOLD]


def test_a_mark_that_was_lost_tells_twice(others: Others) -> None:
    others.faults = ["mark"]
    with pytest.raises(Stop):
        others.tell()
    others.tell()
    assert others.sent == [TOLD, TOLD]


def test_a_user_who_came_over_again_is_told_anew(others: Others) -> None:
    others.tell()
    others.users.ledger.rows[SUB] = replace(others.users.row, new_sub=OTHER_SUB)
    others.tell()
    assert [detail["new_sub"] for detail in others.sent] == [NEW_SUB, OTHER_SUB]


@pytest.mark.parametrize("state", [*(state for state in State if state is not State.CONFIRMED), "another"])
def test_nobody_is_told_of_a_user_who_is_not_confirmed(others: Others, state: str) -> None:
    others.users.ledger.rows[SUB] = replace(others.users.row, state=state)
    assert others.tell() is Announcing.NOTHING


def test_nobody_is_told_of_a_user_of_another_pool(others: Others) -> None:
    others.users.ledger.rows[SUB] = replace(others.users.row, new_pool="eu-west-1_before")
    assert others.tell() is Announcing.NOTHING


def test_nobody_is_told_of_nobody(others: Others) -> None:
    assert others.tell(OTHER_SUB) is Announcing.NOTHING
