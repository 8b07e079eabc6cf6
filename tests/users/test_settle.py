"""Confirming: only the user that the offer made, once, whatever the message says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cutover.errors import UsageError
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import State, UserRow
from cutover.users.offered_user import CLOCK_SKEW, CREATION_WINDOW
from cutover.users.settle import (
    GIVE_UP_AFTER,
    LAST_ATTEMPT,
    Reminder,
    Settlement,
    delay_of,
    read_reminder,
    write_reminder,
)
from tests.fakes.ledger import FakeLedger
from tests.users.world import LEGACY, NEW_SUB, NOW, OTHER_SUB, SUB, World


@pytest.fixture
def world() -> World:
    """Ann was offered, and nothing was heard of her yet."""
    world = World()
    world.sign_in()
    world.reminders.sent.clear()
    return world


def test_the_offered_user_is_confirmed_and_its_subs_are_mapped(world: World) -> None:
    world.create()
    assert world.settle() is Settlement.CONFIRMED
    assert (world.row.state, world.row.new_sub) == (State.CONFIRMED, NEW_SUB)
    assert world.ledger.new_subs == {NEW_SUB: SUB}


def test_a_second_message_finds_it_done(world: World) -> None:
    world.create()
    world.settle()
    assert world.settle() is Settlement.DONE_BEFORE


def test_an_imported_user_is_done(world: World) -> None:
    world.ledger.rows[SUB] = replace(world.row, state=State.IMPORTED)
    assert world.settle() is Settlement.DONE_BEFORE


def test_a_reset_that_was_completed_confirms_too() -> None:
    world = World()
    world.set(forgot_password=True)
    world.forgot()
    world.create()
    assert world.settle() is Settlement.CONFIRMED


@pytest.mark.parametrize("status", ["RESET_REQUIRED", "FORCE_CHANGE_PASSWORD", "UNCONFIRMED", "UNKNOWN"])
def test_a_user_who_is_not_confirmed_yet_is_looked_at_again(world: World, status: str) -> None:
    world.create(status=status)
    assert world.settle() is Settlement.WAITING
    assert (world.row.state, world.reminders.sent) == (State.OFFERED, [(SUB, 1, 60)])


def test_a_user_who_is_not_there_yet_is_looked_at_again(world: World) -> None:
    assert world.settle(attempt=3) is Settlement.WAITING
    assert world.reminders.sent == [(SUB, 4, 480)]


def test_looking_again_grows_slower_and_no_slower_than_sqs_delays() -> None:
    assert [delay_of(attempt) for attempt in range(7)] == [30, 60, 120, 240, 480, 900, 900]
    assert delay_of(10**9) == 900


class TestWhoIsNotTheOfferedUser:
    """Somebody else under the name is never confirmed, and nothing is written."""

    @pytest.fixture(autouse=True)
    def nothing_is_written(self, world: World) -> object:
        before = dict(world.ledger.rows)
        yield
        assert (world.ledger.rows, world.ledger.new_subs, world.reminders.sent) == (before, {}, [])

    def test_without_the_old_sub(self, world: World) -> None:
        world.create(attributes={})
        assert world.settle() is Settlement.MISMATCH

    def test_with_the_old_sub_of_another(self, world: World) -> None:
        world.create(attributes={LEGACY: OTHER_SUB})
        assert world.settle() is Settlement.MISMATCH

    def test_created_before_the_offer(self, world: World) -> None:
        world.create(created_at=NOW - CLOCK_SKEW - 1)
        assert world.settle() is Settlement.MISMATCH

    def test_found_by_the_name_but_called_otherwise(self, world: World) -> None:
        world.new.also["ann"] = world.create(username="mallory")
        assert world.settle() is Settlement.MISMATCH

    def test_called_so_in_another_case(self, world: World) -> None:
        world.new.also["ann"] = world.create(username="ANN")
        assert world.settle() is Settlement.MISMATCH

    def test_without_a_sub(self, world: World) -> None:
        world.create(sub="")
        assert world.settle() is Settlement.MISMATCH

    def test_a_message_about_nobody(self, world: World) -> None:
        assert world.settle(old_sub=OTHER_SUB) is Settlement.MISMATCH

    def test_a_row_of_another_new_pool(self, world: World) -> None:
        row = world.row
        world.create()
        world.ledger.rows[SUB] = replace(row, new_pool="eu-west-1_before")
        assert world.settle() is Settlement.MISMATCH
        world.ledger.rows[SUB] = row


def test_a_new_sub_belongs_to_one_old_sub(world: World) -> None:
    world.ledger.new_subs[NEW_SUB] = OTHER_SUB
    world.create()
    assert world.settle() is Settlement.MISMATCH
    assert world.row.state is State.OFFERED


def test_a_message_that_is_delivered_twice_at_once_is_no_mismatch(world: World) -> None:
    world.create()
    confirm = world.ledger.confirm

    class Overtaken(FakeLedger):
        def confirm(self, row: UserRow, new_sub: str, now: int) -> bool:
            confirm(row, new_sub, now)
            return confirm(row, new_sub, now)

    world.ledger = Overtaken(world.ledger.rows, world.ledger.names, world.ledger.new_subs)
    assert world.settle() is Settlement.DONE_BEFORE
    assert world.row.new_sub == NEW_SUB


def test_a_clock_that_is_a_little_ahead_does_not_matter(world: World) -> None:
    world.create(created_at=NOW - CLOCK_SKEW)
    assert world.settle() is Settlement.CONFIRMED


def test_a_repeated_offer_still_confirms_the_user_of_its_first_answer(world: World) -> None:
    world.create(created_at=NOW + 1)
    world.now += 60
    world.sign_in()
    assert world.settle() is Settlement.CONFIRMED


class TestWithoutAnAttributeForTheOldSub:
    """Then only the time tells, and it has to tell closely."""

    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.set(legacy_sub=None)
        world.sign_in()
        return world

    def test_a_user_created_right_after_the_offer_is_confirmed(self, world: World) -> None:
        world.create(attributes={})
        assert world.settle() is Settlement.CONFIRMED

    def test_a_user_created_much_later_is_somebody_else(self, world: World) -> None:
        world.create(attributes={}, created_at=NOW + CREATION_WINDOW + 1)
        assert world.settle() is Settlement.MISMATCH


class TestNames:
    def test_a_pool_that_signs_in_by_email_knows_the_user_by_it(self) -> None:
        world = World()
        world.old_pool(username_attributes=frozenset({"email"}))
        world.new_pool(username_attributes=frozenset({"email"}))
        world.sign_in("ann@example.com")
        world.create(username=NEW_SUB)
        assert world.settle() is Settlement.CONFIRMED

    def test_another_email_is_another_user(self) -> None:
        world = World()
        world.old_pool(username_attributes=frozenset({"email"}))
        world.new_pool(username_attributes=frozenset({"email"}))
        world.sign_in("ann@example.com")
        made = world.create(username=NEW_SUB, attributes={LEGACY: SUB, "email": "x@example.com"})
        world.new.also["ann@example.com"] = made
        assert world.settle() is Settlement.MISMATCH

    def test_case_is_ignored_where_the_new_pool_ignores_it(self) -> None:
        world = World()
        world.old_pool(case_sensitive=False)
        world.new_pool(case_sensitive=False)
        world.sign_in("ANN")
        world.create(username="ann")
        assert world.settle() is Settlement.CONFIRMED


class TestChains:
    """One chain of reminders a user, however often a message is delivered."""

    def test_a_duplicate_of_an_older_reminder_ends(self, world: World) -> None:
        world.settle(attempt=0)
        world.settle(attempt=1)
        world.reminders.sent.clear()
        assert world.settle(attempt=0) is Settlement.SUPERSEDED
        assert world.reminders.sent == []

    def test_a_duplicate_of_the_newest_adds_one_message_that_ends_itself(self, world: World) -> None:
        for _ in range(2):
            world.settle(attempt=0)
        assert world.settle(attempt=1) is Settlement.WAITING
        assert world.settle(attempt=1) is Settlement.SUPERSEDED

    def test_a_forged_attempt_does_not_end_the_looking(self, world: World) -> None:
        for _ in range(3):
            world.reminders.sent.clear()
            assert world.settle(attempt=LAST_ATTEMPT) is Settlement.WAITING
            assert world.reminders.sent == [(SUB, LAST_ATTEMPT, 900)]

    def test_more_looks_than_two_weeks_hold_are_never_needed(self) -> None:
        attempt = waited = 0
        while waited <= GIVE_UP_AFTER:
            waited += delay_of(attempt)
            attempt += 1
        assert attempt < LAST_ATTEMPT

    def test_an_older_reminder_still_confirms(self, world: World) -> None:
        world.settle(attempt=5)
        world.create()
        assert world.settle(attempt=0) is Settlement.CONFIRMED

    def test_a_new_offer_starts_over(self, world: World) -> None:
        world.settle(attempt=9)
        world.sign_in()
        assert world.settle(attempt=0) is Settlement.WAITING

    def test_a_reminder_that_was_not_sent_is_not_remembered(self, world: World) -> None:
        world.reminders.fault = Stop(Decision.MISCONFIGURED)
        with pytest.raises(Stop):
            world.settle(attempt=0)
        world.reminders.fault = None
        assert world.settle(attempt=0) is Settlement.WAITING

    def test_after_two_weeks_it_is_given_up_and_stays_listed(self, world: World) -> None:
        world.now += GIVE_UP_AFTER + 1
        assert world.settle() is Settlement.EXPIRED
        assert (world.row.state, world.reminders.sent) == (State.OFFERED, [])

    def test_a_repeated_offer_has_two_weeks_of_its_own(self, world: World) -> None:
        world.now += GIVE_UP_AFTER
        world.sign_in()
        world.now += 1
        assert world.settle() is Settlement.WAITING


@pytest.mark.parametrize("part", ["new", "ledger"])
def test_a_fault_brings_the_message_back(world: World, part: str) -> None:
    getattr(world, part).fault = Stop(Decision.MISCONFIGURED, part)
    with pytest.raises(Stop):
        world.settle()


class TestMessages:
    def test_what_is_written_is_read_again(self) -> None:
        assert read_reminder(write_reminder(Reminder(SUB, 4))) == Reminder(SUB, 4)

    def test_a_message_says_no_more_than_whom_to_look_at(self) -> None:
        assert json.loads(write_reminder(Reminder(SUB))) == {"v": 1, "old_sub": SUB, "attempt": 0}

    @pytest.mark.parametrize("attempt", [None, -1, "3", 1.5, [], {}])
    def test_a_strange_attempt_starts_over(self, attempt: object) -> None:
        assert read_reminder(json.dumps({"old_sub": SUB, "attempt": attempt})).attempt == 0

    def test_an_attempt_that_claims_too_much_counts_as_the_last(self) -> None:
        assert read_reminder(json.dumps({"old_sub": SUB, "attempt": 10**12})).attempt == LAST_ATTEMPT

    @pytest.mark.parametrize("body", ["", "x", "[]", "null", "{}", '{"old_sub": ""}', '{"old_sub": 7}'])
    def test_what_is_no_message_is_refused_without_a_quote(self, body: str) -> None:
        with pytest.raises(UsageError) as refused:
            read_reminder(body)
        assert refused.value.cause == ""
