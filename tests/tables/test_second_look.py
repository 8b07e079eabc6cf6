"""What has been owed for long is looked at once more: rows whose message is gone, and no others for good."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cutover.tables.authority import Authority, PairState
from cutover.tables.items import key_id
from cutover.tables.mirror import mirror
from cutover.tables.owed import Owed, owed_name
from cutover.tables.parking import NotParked, RetryMessage
from cutover.tables.ports import TableFault
from cutover.tables.retry import NotYet, retry
from cutover.tables.second_look import Looks, SecondLook
from cutover.tables.tuning import TUNING
from tests.fakes.backfill import Hand, Killed
from tests.fakes.tables import key
from tests.tables.test_mirror import PAIR, record
from tests.tables.test_owing import World

OPEN, PAUSED = PairState(), PairState(paused=True)
PARKED_AT = 900.0
LATER = PARKED_AT + TUNING.second_look


class Watched(World):
    """The same world, and the watch that looks at it."""

    def watch(
        self,
        place: str = "",
        *,
        at: float = LATER,
        state: PairState = OPEN,
        rows: int = 500,
        stop: Callable[[], bool] = lambda: False,
    ) -> Looks:
        look = SecondLook(self.book, self.queue.park, lambda: at)
        return look.run(PAIR.id, state, place, stop, rows)

    def orphan(self, *names: str, reason: str = "ambiguous", epoch: int = 0) -> Owed:
        """A row whose owner died before the message was sent."""
        keys = tuple(map(key, names))
        row = Owed(
            owed_name(reason, keys, epoch, self.mark()),
            PAIR.id,
            "forward",
            epoch,
            keys,
            reason,
            PARKED_AT,
        )
        self.book.add([row])
        return row

    def sent(self) -> RetryMessage:
        """The one message that waits, taken off the queue."""
        ((message, _),) = self.queue.parked
        self.queue.parked.clear()
        return message

    def rows(self) -> list[Owed]:
        return list(self.book.rows(PAIR.id))


@pytest.fixture
def world() -> Watched:
    return Watched()


def test_a_mirror_that_dies_between_row_and_message_leaves_no_row_for_good(world: Watched) -> None:
    """The batch comes again, finds its key right, and has nothing to park: nobody else knows of the row."""
    world.put("lost", bad=False)
    world.target.lost[key_id(key("lost"))] = True
    world.queue.full = True
    change = [record(1, "lost", "1")]
    parts = world.parts(Hand())
    mirror(change, parts, stop=lambda: False)
    world.queue.full = False
    mirror(change, parts, stop=lambda: False)
    assert (world.right("lost"), world.owed("lost"), world.queue.parked) == (True, True, [])
    world.watch(at=LATER + 100)
    assert world.work(world.sent())
    assert world.rows() == []


def test_a_retry_that_dies_between_row_and_message_leaves_no_row_for_good(world: Watched) -> None:
    """Its own message comes again: by then the key is right, and the row of the fault is nobody's."""
    world.put("bad", bad=True)
    world.put("good", bad=False)
    world.parts(Hand()).park(
        RetryMessage(PAIR.id, "forward", 0, (key("bad"), key("good")), PARKED_AT, "unsettled"), 0
    )
    message = world.sent()
    world.queue.full = True
    assert not world.work(message)
    assert [row.reason for row in world.rows()] == ["unsettled", "validation"]
    world.queue.full = False
    world.put("bad", bad=False)
    assert world.work(message)
    assert [row.reason for row in world.rows()] == ["validation"]
    world.watch()
    assert world.work(world.sent())
    assert world.rows() == []


def test_a_row_whose_keys_are_wrong_converges_before_it_goes(world: Watched) -> None:
    world.put("good", bad=False)
    world.orphan("good")
    world.watch()
    assert not world.right("good")
    assert world.work(world.sent())
    assert (world.right("good"), world.rows()) == (True, [])


def test_a_look_begins_when_no_lost_write_can_land_any_longer(world: Watched) -> None:
    row = world.orphan("good")
    world.watch()
    ((message, delay),) = world.queue.parked
    assert delay == TUNING.ambiguous_delay
    assert (message.owed, message.once, message.keys) == (row.name, True, row.keys)


def test_a_row_that_failed_again_after_it_was_read_stays(world: Watched) -> None:
    """The new failure has a lost write of its own, and a message of its own."""
    world.put("good", bad=False)
    world.orphan("good")
    world.watch()
    again = world.orphan("good")
    assert world.work(world.sent())
    assert [row.name for row in world.rows()] == [again.name]


def test_what_was_parked_a_short_while_ago_is_left_to_its_own_message(world: Watched) -> None:
    world.orphan("good")
    assert world.watch(at=LATER - 1).sent == 0
    assert world.watch(at=LATER).sent == 1


def test_a_key_that_still_has_its_fault_keeps_its_row_and_the_message_goes(world: Watched) -> None:
    """Twelve receives of each would end in the dead-letter queue, four times an hour."""
    world.put("bad", bad=True)
    row = world.orphan("bad", reason="validation")
    for _ in range(3):
        world.watch()
        assert world.work(world.sent())
        assert [one.name for one in world.rows()] == [row.name]
        assert world.queue.parked == []
    world.put("bad", bad=False)
    world.watch()
    assert world.work(world.sent())
    assert world.rows() == []


def test_of_many_keys_each_fault_gets_a_row_of_its_own(world: Watched) -> None:
    for name in ("good", "bad"):
        world.put(name, bad=name == "bad")
    world.orphan("good", "bad")
    world.watch()
    assert world.work(world.sent())
    assert [(row.reason, row.keys) for row in world.rows()] == [("validation", (key("bad"),))]
    assert world.sent().once is False


def test_a_table_fault_leaves_the_row_and_no_message(world: Watched) -> None:
    world.orphan("good")
    world.watch()

    def refuse(_: object) -> None:
        raise TableFault("new", "ProvisionedThroughputExceededException")

    world.target.before_get = refuse
    assert world.work(world.sent())
    assert (len(world.rows()), world.queue.parked) == (1, [])


def test_a_look_whose_own_write_is_lost_stays_as_its_later_look(world: Watched) -> None:
    world.put("lost", bad=False)
    world.orphan("lost")
    world.watch()
    message = world.sent()
    world.target.before_write = lambda written: world.target.lost.update(dict.fromkeys(written, False))
    with pytest.raises(NotYet) as stays:
        retry(message.body(), 1, world.parts(Hand()), stop=lambda: False)
    assert stays.value.pause >= TUNING.ambiguous_delay
    world.target.before_write = lambda _: None
    world.target.lost.clear()
    assert world.work(message)
    assert (world.right("lost"), world.rows()) == (True, [])


@pytest.mark.parametrize(
    "state", [PAUSED, PairState(Authority("nobody", "forward", 0))], ids=["paused", "a switch is under way"]
)
def test_nothing_is_sent_for_a_pair_that_is_held(world: Watched, state: PairState) -> None:
    world.orphan("good")
    assert world.watch(state=state) == Looks("", 1, 0)


def test_a_pause_between_the_watch_and_the_look_leaves_the_row_and_no_message(world: Watched) -> None:
    world.put("good", bad=False)
    world.orphan("good")
    world.watch()
    world.ledger.states[PAIR.id] = PAUSED
    assert world.work(world.sent())
    assert (world.target.writes, len(world.rows()), world.queue.parked) == ([], 1, [])


def test_keys_of_an_older_epoch_are_dropped_and_counted(world: Watched) -> None:
    world.put("good", bad=False)
    world.orphan("good", epoch=2)
    state = PairState(Authority("source", "forward", 3))
    world.ledger.states[PAIR.id] = state
    world.watch(state=state)
    assert world.work(world.sent())
    assert (world.rows(), world.target.writes) == ([], [])
    assert world.ledger.counts[PAIR.id] == {"dropped_old_epoch": 1}


def test_keys_that_wait_for_a_user_and_rows_without_keys_are_not_sent(world: Watched) -> None:
    sub = "3f0d2c1a-0000-4000-8000-000000000001"
    waits = Owed(
        owed_name("unmapped", (key("a"),), 0, "m", sub),
        PAIR.id,
        "forward",
        0,
        (key("a"),),
        "unmapped",
        PARKED_AT,
        waits_for=sub,
    )
    unread = Owed(owed_name("lost", (), 0, "m"), PAIR.id, "forward", 0, (), "lost", PARKED_AT)
    world.book.add([waits, unread])
    assert world.watch().sent == 0


def test_a_run_sends_for_so_many_rows_and_the_next_one_goes_on(world: Watched) -> None:
    names = {f"k{number}" for number in range(7)}
    for name in names:
        world.orphan(name)
    place, runs = "", 0
    while runs == 0 or place:
        looks = world.watch(place, rows=2)
        assert looks.sent <= 2
        place, runs = looks.place, runs + 1
    sent = [message.keys[0]["k"]["S"] for message, _ in world.queue.parked]
    assert (len(sent), set(sent), runs) == (7, names, 4)


def test_a_run_whose_time_is_up_begins_nothing(world: Watched) -> None:
    world.orphan("good")
    assert world.watch("here", stop=lambda: True) == Looks("here")


def test_a_queue_that_takes_nothing_is_told(world: Watched) -> None:
    world.orphan("good")
    world.queue.full = True
    with pytest.raises(NotParked):
        world.watch()
    assert len(world.rows()) == 1


def deaths() -> list[tuple[int, bool]]:
    hand = Hand()
    world, message = looked_at()
    world.work(message, hand)
    return [(call, after) for call in range(hand.calls) for after in (False, True)]


def looked_at() -> tuple[Watched, RetryMessage]:
    world = Watched()
    for name in ("good", "bad"):
        world.put(name, bad=name == "bad")
    world.orphan("good", "bad")
    world.watch()
    return world, world.sent()


@pytest.mark.parametrize(("call", "after"), deaths())
def test_killed_anywhere_in_a_look_nothing_that_is_wrong_is_owed_no_more(call: int, after: bool) -> None:
    world, message = looked_at()
    with contextlib.suppress(Killed):
        world.work(message, Hand(kill_at=call, after=after))
    for name in ("good", "bad"):
        assert world.right(name) or world.owed(name)
    world.put("bad", bad=False)
    world.queue.parked.clear()  # whatever was sent is lost as well
    world.watch()
    for lost, _ in list(world.queue.parked):
        world.work(lost)
    assert (world.right("good"), world.right("bad"), world.rows()) == (True, True, [])


class RowsWithoutMessages(RuleBasedStateMachine):
    """Messages get lost, workers die, items change: a pass of the watch that nothing disturbs ends it all."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Watched()
        self.names = ("a", "b", "c")

    @rule(name=st.sampled_from(("a", "b", "c")), bad=st.booleans())
    def the_application_writes(self, name: str, bad: bool) -> None:
        self.world.put(name, bad=bad)
        self.world.parts(Hand()).park(
            RetryMessage(PAIR.id, "forward", 0, (key(name),), PARKED_AT, "unsettled"), 0
        )

    @rule(call=st.integers(0, 12), after=st.booleans())
    def a_worker_takes_a_message_and_dies(self, call: int, after: bool) -> None:
        if self.world.queue.parked:
            message = self.world.queue.parked[0][0]
            if self.world.work(message, Hand(kill_at=call, after=after)):
                del self.world.queue.parked[0]

    @rule()
    def the_queue_forgets(self) -> None:
        self.world.queue.parked.clear()

    @rule()
    def the_watch_looks(self) -> None:
        with contextlib.suppress(TableFault):
            self.world.watch()

    @invariant()
    def what_is_wrong_is_owed(self) -> None:
        for name in self.names:
            assert self.world.right(name) or self.world.owed(name)

    def teardown(self) -> None:
        self.world.queue.parked.clear()
        for name in self.names:
            self.world.put(name, bad=False)
            self.world.parts(Hand()).park(
                replace(RetryMessage(PAIR.id, "forward", 0, (key(name),), PARKED_AT, "unsettled")), 0
            )
        self.world.queue.parked.clear()
        self.world.watch()
        for message, _ in list(self.world.queue.parked):
            self.world.work(message)
        assert self.world.rows() == []
        assert all(map(self.world.right, self.names))


TestRowsWithoutMessages = RowsWithoutMessages.TestCase
TestRowsWithoutMessages.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
