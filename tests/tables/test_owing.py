"""To park is to owe: no key that was parked is ever neither converged nor owed, whatever dies and when."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cutover.tables.authority import PairState
from cutover.tables.items import key_id
from cutover.tables.mirror import mirror
from cutover.tables.owing import Owing
from cutover.tables.pairs import TablePair
from cutover.tables.parking import NotParked, RetryMessage
from cutover.tables.parts import OpenPair, TableParts
from cutover.tables.ports import TableFault
from cutover.tables.retry import NotYet, retry
from cutover.tables.transform import IDENTITY
from cutover.tables.tuning import Tuning
from tests.fakes.backfill import Hand, Killed
from tests.fakes.owed import FakeOwedBook, marks
from tests.fakes.tables import FakeLedger, FakeQueue, FakeTable, key
from tests.tables.test_mirror import PAIR, record

NAMES = ("good", "bad", "lost")
MESSAGE = RetryMessage(PAIR.id, "forward", 0, tuple(map(key, NAMES)), 900.0, "unsettled")


class World:
    """A pair whose target refuses an item with a number in `v`, and what is owed to it."""

    def __init__(self) -> None:
        self.source, self.target = FakeTable(name="old"), FakeTable(name="new", indexed=("v",))
        self.book, self.queue, self.ledger = FakeOwedBook(), FakeQueue(), FakeLedger()
        self.mark = marks()

    def parts(self, hand: Hand) -> TableParts:
        book, target = hand.on(self.book), hand.on(self.target)
        owing = Owing(book, lambda *given: hand.call(self.queue.park, *given), self.mark)

        def opened(_pair: TablePair, _state: PairState) -> OpenPair:
            return OpenPair(hand.on(self.source), target, IDENTITY)

        return TableParts(
            (PAIR,),
            self.ledger,
            opened,
            owing.park,
            lambda *_: True,
            lambda: 1000.0,
            Tuning(rounds=2),
            lambda _: None,
            lambda: 0.5,
            owed=book,
        )

    def put(self, name: str, *, bad: bool) -> None:
        self.source.put({**key(name), "v": {"N": "1"} if bad else {"S": "1"}})

    def work(self, message: RetryMessage, hand: Hand | None = None) -> bool:
        """Whether the message leaves the queue."""
        try:
            retry(message.body(), 1, self.parts(hand or Hand()), stop=lambda: False)
        except (NotYet, Killed):
            return False
        return True

    def owed(self, name: str) -> bool:
        return any(key_id(key(name)) == key_id(one) for row in self.book.rows(PAIR.id) for one in row.keys)

    def right(self, name: str) -> bool:
        identity = key_id(key(name))
        return self.source.items.get(identity) == self.target.items.get(identity)


@pytest.fixture
def world() -> World:
    return World()


def filled() -> tuple[World, RetryMessage]:
    """One key converges, one is refused, and of one write the reply gets lost; all are parked."""
    world = World()
    for name in NAMES:
        world.put(name, bad=name == "bad")
    world.target.lost[key_id(key("lost"))] = False
    world.parts(Hand()).park(MESSAGE, 0)
    return world, world.queue.parked.pop()[0]


def deaths() -> Iterator[tuple[int, bool]]:
    world, message = filled()
    hand = Hand()
    world.work(message, hand)
    for call in range(hand.calls):
        yield call, False
        yield call, True


def test_the_row_comes_before_the_message_and_gives_it_its_name(world: World) -> None:
    world.parts(Hand()).park(MESSAGE, 30)
    ((sent, delay),) = world.queue.parked
    (row,) = world.book.rows(PAIR.id)
    assert (sent, delay) == (replace(MESSAGE, owed=row.name), 30)
    assert (row.keys, row.reason, row.since) == (MESSAGE.keys, "unsettled", 900.0)


def test_a_row_that_cannot_be_written_parks_nothing(world: World) -> None:
    world.book.fault = "AccessDeniedException"
    with pytest.raises(NotParked, match="AccessDeniedException"):
        world.parts(Hand()).park(MESSAGE, 0)
    assert world.queue.parked == []


def test_a_message_that_cannot_be_sent_leaves_the_row_and_the_keys_with_their_owner(world: World) -> None:
    world.queue.full = True
    for _ in range(3):
        with pytest.raises(NotParked):
            world.parts(Hand()).park(MESSAGE, 0)
    assert len(list(world.book.rows(PAIR.id))) == 1


def test_what_is_owed_already_is_only_sent(world: World) -> None:
    named = replace(MESSAGE, owed="unsettled#aa#0!7")
    world.parts(Hand()).park(named, 5)
    assert (world.queue.parked, list(world.book.rows(PAIR.id))) == ([(named, 5)], [])


def test_keys_that_wait_for_users_are_owed_one_by_one_without_a_message(world: World) -> None:
    waiting = replace(MESSAGE, reason="unmapped", waits_for=("u1", "u1", "u2"))
    world.parts(Hand()).park(waiting, 0)
    owed = {row.keys[0]["k"]["S"]: row.waits_for for row in world.book.rows(PAIR.id)}
    assert owed == {"good": "u1", "bad": "u1", "lost": "u2"}
    assert world.queue.parked == []


@pytest.mark.parametrize(("call", "after"), list(deaths()))
def test_a_retry_that_dies_anywhere_loses_no_key(call: int, after: bool) -> None:
    world, message = filled()
    world.work(message, Hand(kill_at=call, after=after))
    assert all(world.owed(name) or world.right(name) for name in NAMES)
    assert world.owed("bad")
    assert world.owed("lost")
    _drain(world, [message])
    assert world.owed("bad")
    world.put("bad", bad=False)
    _redrive(world)
    assert list(world.book.rows(PAIR.id)) == []
    assert world.source.items == world.target.items


def test_a_batch_of_the_mirror_that_dies_anywhere_keeps_its_keys_or_owes_them() -> None:
    def batch(hand: Hand) -> tuple[World, Any]:
        world = World()
        for name in NAMES:
            world.put(name, bad=name == "bad")
        world.target.lost[key_id(key("lost"))] = False
        records = [record(number, name) for number, name in enumerate(NAMES)]
        answer = None
        with contextlib.suppress(Killed):
            answer = mirror(records, world.parts(hand), stop=lambda: False).response
        return world, answer

    counted = Hand()
    batch(counted)
    assert counted.calls > 5
    for call in range(counted.calls):
        for after in (False, True):
            world, answer = batch(Hand(kill_at=call, after=after))
            assert answer is None, "what the mirror did not answer for, the stream brings again"
    world, answer = batch(Hand())
    assert answer == {"batchItemFailures": []}
    assert world.owed("bad")
    assert world.owed("lost")


def _drain(world: World, messages: list[RetryMessage]) -> None:
    """Delivers all messages until each has left the queue or stays for its fault."""
    waiting = [*messages, *(one for one, _ in world.queue.parked)]
    world.queue.parked.clear()
    for _ in range(20):
        waiting = [one for one in waiting if not world.work(one)]
        waiting += [one for one, _ in world.queue.parked]
        world.queue.parked.clear()
    world.queue.parked.extend((one, 0) for one in waiting)


def _redrive(world: World) -> None:
    """A message for each row."""
    for row in list(world.book.rows(PAIR.id)):
        again = RetryMessage(PAIR.id, "forward", row.epoch, row.keys, row.since, row.reason, row.name)
        assert world.work(again)


class Owe(RuleBasedStateMachine):
    """An application that writes good and bad items, a mirror, a queue that repeats and forgets, an outage,
    and processes that die: a key that is not right is on its way in the stream, or owed."""

    names = st.sampled_from(NAMES)

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.stream: list[str] = []
        self.once: list[RetryMessage] = []

    @rule(name=names, bad=st.booleans())
    def write(self, name: str, bad: bool) -> None:
        self.world.put(name, bad=bad)
        self.stream.append(name)

    @rule(name=names)
    def delete(self, name: str) -> None:
        self.world.source.delete(key(name))
        self.stream.append(name)

    @rule(name=names, lands=st.booleans())
    def next_reply_is_lost(self, name: str, lands: bool) -> None:
        self.world.target.lost[key_id(key(name))] = lands

    @rule(dies=st.one_of(st.none(), st.integers(0, 20)), after=st.booleans(), full=st.booleans())
    def mirror(self, dies: int | None, after: bool, full: bool) -> None:
        records = [record(number, name) for number, name in enumerate(self.stream)]
        self.world.queue.full = full
        with contextlib.suppress(Killed):
            answer = mirror(records, self.world.parts(Hand(dies, after)), stop=lambda: False).response
            failed = [int(one["itemIdentifier"]) - 100 for one in answer["batchItemFailures"]]
            self.stream = self.stream[failed[0] :] if failed else []
        self.world.queue.full = False
        self._received()

    @rule(
        which=st.integers(0, 99),
        dies=st.one_of(st.none(), st.integers(0, 20)),
        after=st.booleans(),
        twice=st.booleans(),
        outage=st.booleans(),
    )
    def deliver(self, which: int, dies: int | None, after: bool, twice: bool, outage: bool) -> None:
        if not self.once:
            return
        message = self.once[which % len(self.once)]
        self.world.target.before_write = _down if outage else lambda _: None
        gone = self.world.work(message, Hand(dies, after))
        self.world.target.before_write = lambda _: None
        if gone and not twice:
            self.once.remove(message)
        self._received()

    @rule(which=st.integers(0, 99))
    def the_queue_forgets(self, which: int) -> None:
        if self.once:
            self.once.pop(which % len(self.once))

    @invariant()
    def nothing_is_lost(self) -> None:
        for name in NAMES:
            assert self.world.right(name) or name in self.stream or self.world.owed(name)

    def teardown(self) -> None:
        """Good items, a whole target, a message for each row: all ends right and nothing is owed."""
        self.world.target.lost.clear()
        for name in NAMES:
            self.world.put(name, bad=False)
        self.stream.extend(NAMES)
        self.mirror(None, False, False)
        _redrive(self.world)
        assert list(self.world.book.rows(PAIR.id)) == []
        assert all(map(self.world.right, NAMES))

    def _received(self) -> None:
        self.once += [message for message, _ in self.world.queue.parked]
        self.world.queue.parked.clear()


def _down(_keys: Any) -> None:
    raise TableFault("new", "AccessDeniedException")


TestOwe = Owe.TestCase
TestOwe.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
