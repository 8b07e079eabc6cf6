"""A forgotten password that nobody reset is swept after a day, whatever comes in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from cutover.users.decision_table import Stop
from cutover.users.ledger_rows import State
from cutover.users.settle import Reminder, Settlement, SettleParts, settle
from cutover.users.sweep import FORGOTTEN_AFTER, LEASE, SWEEPING, SweepParts
from tests.fakes.pools import Person
from tests.fakes.sweep import Calls, FakeSweepLedger, FakeSweepPool
from tests.users.world import LEGACY, NEW, NEW_SUB, OTHER_SUB, SUB, World

ALL = ["begin", "disable", "delete", "forget"]


@dataclass
class Forgotten:
    """A stranger asked for Ann's new password; she never did anything about it, and a day has passed."""

    users: World = field(default_factory=World)
    calls: Calls = field(default_factory=Calls)

    def __post_init__(self) -> None:
        self.users.set(forgot_password=True)
        self.users.forgot()
        self.ann = self.users.create(status="RESET_REQUIRED")
        self.users.reminders.sent.clear()
        self.users.now += FORGOTTEN_AFTER + 1

    def settle(self, attempt: int = 99) -> Settlement:
        world = self.users
        sweeping = SweepParts(
            world.new,
            FakeSweepPool(world.new, self.calls),
            FakeSweepLedger(world.ledger, self.calls),
            lambda: world.now,
        )
        parts = SettleParts(NEW, world.new, world.ledger, world.reminders, lambda: world.now, sweeping)
        return settle(Reminder(SUB, attempt), parts)

    def settle_in_the_end(self) -> Settlement:
        """The message comes back every three minutes, up to five times, as the queue has it."""
        for _ in range(5):
            try:
                return self.settle()
            except Stop:
                self.users.now += 180
        raise AssertionError("the message was set aside")

    def complete(self) -> None:
        """Ann resets the password."""
        self.ann.status = "CONFIRMED"

    @property
    def gone(self) -> bool:
        return self.ann not in self.users.new.people

    @property
    def free(self) -> bool:
        """Nothing is left of the offer, or of her in the new pool."""
        return self.gone and SUB not in self.users.ledger.rows and not self.users.ledger.names


@pytest.fixture
def forgotten() -> Forgotten:
    return Forgotten()


def test_she_is_disabled_looked_at_again_and_deleted(forgotten: Forgotten) -> None:
    assert forgotten.settle() is Settlement.SWEPT
    assert forgotten.calls.made == ALL
    assert forgotten.free
    assert forgotten.users.reminders.sent == []


def test_after_that_the_old_password_signs_her_in(forgotten: Forgotten) -> None:
    forgotten.settle()
    answered = forgotten.users.sign_in().response
    assert answered is not None
    assert answered["finalUserStatus"] == "CONFIRMED"
    forgotten.users.create()
    assert forgotten.settle() is Settlement.CONFIRMED


class TestWhoIsNotSwept:
    """Then she is looked at again, and nothing is changed."""

    @pytest.fixture(autouse=True)
    def nothing_is_changed(self, forgotten: Forgotten) -> object:
        yield
        assert forgotten.calls.made == []
        assert not forgotten.gone

    def test_before_a_day_has_passed(self, forgotten: Forgotten) -> None:
        forgotten.users.now -= 1
        assert forgotten.settle() is Settlement.WAITING

    def test_who_proved_the_password_and_has_to_reset_it(self, forgotten: Forgotten) -> None:
        forgotten.users.ledger.rows[SUB] = replace(forgotten.users.row, source="sign_in")
        assert forgotten.settle() is Settlement.WAITING

    def test_who_was_offered_the_seamless_way(self, forgotten: Forgotten) -> None:
        forgotten.users.ledger.rows[SUB] = replace(forgotten.users.row, state=State.OFFERED)
        assert forgotten.settle() is Settlement.WAITING

    def test_where_no_attribute_carries_the_old_sub(self, forgotten: Forgotten) -> None:
        forgotten.users.ledger.rows[SUB] = replace(forgotten.users.row, carried_sub_in="")
        assert forgotten.settle() is Settlement.WAITING

    @pytest.mark.parametrize("status", ["FORCE_CHANGE_PASSWORD", "UNCONFIRMED", "EXTERNAL_PROVIDER", ""])
    def test_in_a_state_that_a_forgotten_password_does_not_make(
        self, forgotten: Forgotten, status: str
    ) -> None:
        forgotten.ann.status = status
        assert forgotten.settle() is Settlement.WAITING

    def test_whom_an_administrator_has_disabled(self, forgotten: Forgotten) -> None:
        forgotten.ann.enabled = False
        assert forgotten.settle() is Settlement.WAITING

    @pytest.mark.parametrize(
        "other",
        [
            lambda ann: ann.attributes.update({LEGACY: OTHER_SUB}),
            lambda ann: ann.attributes.pop(LEGACY),
            lambda ann: setattr(ann, "created_at", 1.0),
            lambda ann: setattr(ann, "sub", ""),
        ],
        ids=["another old sub", "no old sub", "created before the offer", "no sub"],
    )
    def test_who_is_not_provably_the_offered_user(
        self, forgotten: Forgotten, other: Callable[[Person], object]
    ) -> None:
        other(forgotten.ann)
        assert forgotten.settle() is Settlement.MISMATCH

    def test_who_has_just_completed_it(self, forgotten: Forgotten) -> None:
        forgotten.complete()
        assert forgotten.settle() is Settlement.CONFIRMED

    def test_after_the_old_sub_was_asked_for_again(self, forgotten: Forgotten) -> None:
        forgotten.users.forgot()
        assert forgotten.settle() is Settlement.WAITING

    def test_by_a_clock_that_is_a_day_behind(self, forgotten: Forgotten) -> None:
        forgotten.users.now -= FORGOTTEN_AFTER + 10
        assert forgotten.settle() is Settlement.WAITING

    @pytest.mark.parametrize("attempt", [0, 1, 10**9])
    def test_because_a_message_says_so(self, forgotten: Forgotten, attempt: int) -> None:
        forgotten.users.now -= 60
        assert forgotten.settle(attempt) is Settlement.WAITING


class TestRaces:
    def test_she_completes_it_before_she_is_disabled(self, forgotten: Forgotten) -> None:
        forgotten.calls.before["disable"] = forgotten.complete
        assert forgotten.settle() is Settlement.CONFIRMED
        assert (forgotten.ann.enabled, forgotten.users.row.new_sub) == (True, NEW_SUB)

    def test_she_completes_it_after_she_was_disabled_and_before_the_second_look(
        self, forgotten: Forgotten
    ) -> None:
        forgotten.calls.after["disable"] = forgotten.complete
        assert forgotten.settle() is Settlement.CONFIRMED
        assert forgotten.ann.enabled

    def test_she_completes_it_after_the_second_look(self, forgotten: Forgotten) -> None:
        """Too late for that password; but she was never confirmed, so the old one signs her in again."""
        forgotten.calls.before["delete"] = forgotten.complete
        assert forgotten.settle() is Settlement.SWEPT
        assert forgotten.free

    def test_nobody_confirms_her_while_she_is_swept(self, forgotten: Forgotten) -> None:
        """Another worker saw her completed in the very moment: she would be confirmed and gone for ever."""
        row = forgotten.users.row

        def confirmed_by_another() -> None:
            forgotten.complete()
            assert not forgotten.users.ledger.confirm(row, NEW_SUB, 1)

        forgotten.calls.before["delete"] = confirmed_by_another
        assert forgotten.settle() is Settlement.SWEPT
        assert forgotten.free

    def test_she_is_confirmed_before_the_sweep_begins(self, forgotten: Forgotten) -> None:
        def confirmed_by_another() -> None:
            forgotten.complete()
            assert forgotten.users.ledger.confirm(forgotten.users.row, NEW_SUB, 1)

        forgotten.calls.before["begin"] = confirmed_by_another
        assert forgotten.settle() is Settlement.SUPERSEDED
        assert (forgotten.gone, forgotten.users.row.state) == (False, State.CONFIRMED)
        assert forgotten.ann.enabled

    def test_she_is_offered_anew_before_the_sweep_begins(self, forgotten: Forgotten) -> None:
        forgotten.calls.before["begin"] = lambda: forgotten.users.forgot() and None
        assert forgotten.settle() is Settlement.SUPERSEDED
        assert not forgotten.gone

    def test_an_administrator_enables_her_in_between(self, forgotten: Forgotten) -> None:
        forgotten.calls.after["disable"] = lambda: setattr(forgotten.ann, "enabled", True)
        assert forgotten.settle() is Settlement.WAITING
        assert (forgotten.gone, forgotten.ann.enabled) == (False, True)
        assert forgotten.users.row.state == State.RESET_OFFERED

    def test_she_is_not_the_offered_user_any_more_at_the_second_look(self, forgotten: Forgotten) -> None:
        forgotten.calls.after["disable"] = lambda: forgotten.ann.attributes.update({LEGACY: OTHER_SUB})
        assert forgotten.settle() is Settlement.WAITING
        assert (forgotten.gone, forgotten.ann.enabled) == (False, True)

    @pytest.mark.parametrize("call", ["disable", "delete"])
    def test_somebody_else_deletes_her(self, forgotten: Forgotten, call: str) -> None:
        forgotten.calls.before[call] = lambda: forgotten.users.new.people.remove(forgotten.ann)
        assert forgotten.settle() is Settlement.SWEPT
        assert forgotten.free

    def test_whoever_takes_the_name_after_that_is_let_alone(self, forgotten: Forgotten) -> None:
        def taken() -> None:
            forgotten.users.create(sub=OTHER_SUB, attributes={})

        forgotten.calls.after["delete"] = taken
        forgotten.calls.lost.add("delete")
        assert forgotten.settle_in_the_end() is Settlement.SWEPT
        assert [person.sub for person in forgotten.users.new.people] == [OTHER_SUB]

    def test_two_workers_do_not_sweep_at_once(self, forgotten: Forgotten) -> None:
        def another_worker() -> None:
            with pytest.raises(Stop, match="under way"):
                forgotten.settle()

        forgotten.calls.after["begin"] = another_worker
        assert forgotten.settle() is Settlement.SWEPT
        assert forgotten.calls.made == ALL

    def test_of_two_workers_who_take_a_sweep_over_one_goes_on(self, forgotten: Forgotten) -> None:
        forgotten.calls.lost.add("begin")
        with pytest.raises(Stop):
            forgotten.settle()
        forgotten.users.now += LEASE + 1
        outcomes: list[Settlement] = []
        forgotten.calls.before["take_over"] = lambda: outcomes.append(forgotten.settle())
        outcomes.append(forgotten.settle())
        assert outcomes == [Settlement.SWEPT, Settlement.SUPERSEDED]


class TestLostReplies:
    """The call was done, nobody knows of it, and the message comes back."""

    @pytest.mark.parametrize("call", ALL)
    def test_of_any_call_and_she_is_swept_in_the_end(self, forgotten: Forgotten, call: str) -> None:
        forgotten.calls.lost.add(call)
        ended = forgotten.settle_in_the_end()
        assert ended is (Settlement.MISMATCH if call == "forget" else Settlement.SWEPT)
        assert forgotten.free

    @pytest.mark.parametrize("call", ["begin", "disable"])
    def test_and_she_completes_it_meanwhile(self, forgotten: Forgotten, call: str) -> None:
        forgotten.calls.lost.add(call)
        forgotten.calls.after[call] = forgotten.complete
        assert forgotten.settle_in_the_end() is Settlement.CONFIRMED
        assert forgotten.ann.enabled

    @pytest.mark.parametrize("call", ["enable", "give_back"])
    def test_on_the_way_back(self, forgotten: Forgotten, call: str) -> None:
        forgotten.calls.lost.add(call)
        forgotten.calls.before["disable"] = forgotten.complete
        assert forgotten.settle_in_the_end() is Settlement.CONFIRMED
        assert forgotten.ann.enabled

    def test_of_a_take_over(self, forgotten: Forgotten) -> None:
        forgotten.calls.lost |= {"begin", "take_over"}
        for _ in range(3):
            with pytest.raises(Stop):
                forgotten.settle()
            forgotten.users.now += LEASE / 2 + 1
        forgotten.users.now += LEASE
        assert forgotten.settle() is Settlement.SWEPT

    @pytest.mark.parametrize("call", ["begin", "disable", "delete"])
    def test_while_it_is_swept_the_old_password_waits(self, forgotten: Forgotten, call: str) -> None:
        forgotten.calls.lost.add(call)
        with pytest.raises(Stop):
            forgotten.settle()
        assert forgotten.users.row.state == SWEEPING
        assert forgotten.users.sign_in().response is None
        assert forgotten.settle_in_the_end() is Settlement.SWEPT
        assert forgotten.users.sign_in().response is not None


class TestAfterwards:
    def test_a_replayed_message_finds_nothing(self, forgotten: Forgotten) -> None:
        forgotten.settle()
        assert forgotten.settle() is Settlement.MISMATCH

    def test_a_replayed_message_does_not_touch_the_next_user(self, forgotten: Forgotten) -> None:
        forgotten.settle()
        forgotten.users.sign_in()
        made = forgotten.users.create()
        assert forgotten.settle(0) is Settlement.CONFIRMED
        assert made in forgotten.users.new.people

    def test_a_released_user_is_released_again_and_never_seamless(self, forgotten: Forgotten) -> None:
        forgotten.users.ledger.rows[SUB] = replace(forgotten.users.row, released_at=7)
        assert forgotten.settle() is Settlement.SWEPT
        assert (forgotten.users.row.state, forgotten.users.row.released_at) == (State.RELEASED, 7)
        answered = forgotten.users.sign_in().response
        assert answered is None or "finalUserStatus" not in answered


def test_switched_off_nobody_is_swept(forgotten: Forgotten) -> None:
    assert forgotten.users.settle() is Settlement.WAITING
    assert not forgotten.gone
