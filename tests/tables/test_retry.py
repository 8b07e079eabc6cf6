"""Parked messages: what they hold, when they are worked off, dropped, held, or stay."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cutover.tables.authority import Authority, PairState
from cutover.tables.items import key_id
from cutover.tables.parking import MalformedMessage, RetryMessage, parcels, parse
from cutover.tables.parts import TableParts
from cutover.tables.ports import Convergence, FaultReason, ItemFault, Key, TableFault
from cutover.tables.retry import NotYet, RetryReport, retry
from cutover.tables.tuning import TUNING, Tuning, retry_pause
from tests.fakes.owed import Waiting
from tests.fakes.tables import item, key
from tests.tables.test_mirror import PAIR, Bench

MESSAGE = RetryMessage(PAIR.id, "forward", 0, (key("a"),), 900.0, "unsettled")
FAULTY = replace(MESSAGE, reason="validation")


class RetryBench(Bench):
    def parked(self, message: RetryMessage) -> RetryMessage:
        """The message as the queue holds it once its keys are owed."""
        self.park(message, 0)
        return self.queue.parked.pop()[0]

    def owes(self) -> list[tuple[str, tuple[Key, ...]]]:
        return [(row.reason, row.keys) for row in self.owed.rows(PAIR.id)]

    def work(self, message: RetryMessage | str, receives: int = 1, stop: Any = lambda: False) -> RetryReport:
        parts = TableParts(
            (PAIR,),
            self.ledger,
            self.open,
            self.park,
            lambda *_: True,
            lambda: 1000.0,
            Tuning(rounds=2),
            lambda _: None,
            lambda: 0.5,
            owed=self.owed,
        )
        return retry(message if isinstance(message, str) else message.body(), receives, parts, stop=stop)


@pytest.fixture
def bench() -> RetryBench:
    return RetryBench()


def test_a_message_survives_json() -> None:
    message = replace(MESSAGE, keys=({"k": {"B": b"\x00\xff"}, "n": {"N": "1.50"}},))
    assert parse(message.body()) == message
    once = replace(message, owed="unsettled#aa#0!7", once=True)
    assert parse(once.body()) == once


def test_the_largest_message_is_read_with_the_name_of_its_row_too() -> None:
    """It is cut to size before its row, whose name comes into it, is written."""
    unnamed = replace(MESSAGE, keys=tuple(key(f"{number:0>1000}") for number in range(235)))
    assert 0.98 < len(unnamed.body()) / TUNING.message_bytes <= 1
    named = replace(unnamed, owed="o" * 5000)
    assert parse(named.body()) == named


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"pair": 5},
        {"direction": "sideways"},
        {"epoch": "0"},
        {"epoch": True},
        {"keys": []},
        {"keys": {}},
        {"keys": [{"k": "untyped"}]},
        {"keys": [{"k": {"B": "?"}}]},
        {"first_parked_at": "yesterday"},
        {"first_parked_at": float("nan")},
        {"first_parked_at": 1e300},
        {"first_parked_at": 10**400},
        {"first_parked_at": -1},
        {"epoch": -1},
        {"epoch": 10**60},
        {"keys": [{}]},
        {"keys": [{"k": {"SS": []}}]},
        {"keys": [{"k": {"N": "1e400"}}]},
        {"keys": [{"k": {"S": "\ud800"}}]},
        {"keys": [{"k": {"S": "x" * 3000}}]},
        {"keys": [{"k": {"S": "x"}}] * 20_000},
        {"reason": "boredom"},
        {"reason": "unmapped"},
        {"owed": 5},
    ],
    ids=lambda change: str(change)[:40],
)
def test_a_message_with_a_field_of_another_kind_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage):
        parse(json.dumps({**json.loads(MESSAGE.body()), **change}))


@pytest.mark.parametrize(
    "body", ["", "no json", "[]", "5", "null", "{}", pytest.param("[" * 100_000, id="deep")]
)
def test_a_body_of_another_kind_is_refused(body: str) -> None:
    with pytest.raises(MalformedMessage):
        parse(body)


def test_keys_converge_by_the_source_alone(bench: RetryBench) -> None:
    bench.source.put(item("a", "1"))
    bench.work(MESSAGE)
    assert bench.target.items == bench.source.items
    assert len(bench.source.reads) == 2


@pytest.mark.parametrize(
    ("authority", "epoch"), [(Authority("source", "forward", 3), 2), (Authority("target", "reverse", 3), 2)]
)
def test_an_older_epoch_is_dropped_and_counted(bench: RetryBench, authority: Authority, epoch: int) -> None:
    bench.source.put(item("a", "1"))
    bench.ledger.states[PAIR.id] = PairState(authority)
    assert bench.work(replace(MESSAGE, epoch=epoch)).verdict == "drop"
    assert (bench.target.writes, bench.ledger.counts[PAIR.id]) == ([], {"dropped_old_epoch": 1})


@pytest.mark.parametrize(
    "state", [PairState(paused=True), PairState(Authority("nobody", "forward", 0))], ids=str
)
def test_a_held_message_is_sent_anew_as_it_is(bench: RetryBench, state: PairState) -> None:
    bench.ledger.states[PAIR.id] = state
    message = bench.parked(MESSAGE)
    assert bench.work(message).verdict == "hold"
    assert bench.queue.parked == [(message, TUNING.hold_delay)]
    assert bench.owes() == [("unsettled", MESSAGE.keys)]


def test_a_held_message_that_cannot_be_sent_anew_stays(bench: RetryBench) -> None:
    bench.ledger.states[PAIR.id] = PairState(paused=True)
    bench.queue.full = True
    with pytest.raises(NotYet):
        bench.work(MESSAGE)


def test_an_item_fault_stays_with_a_pause_that_grows(bench: RetryBench) -> None:
    bench.source.put({**key("a"), "v": {"N": "1"}})
    bench.target.indexed = ("v",)
    pauses, message = [], bench.parked(FAULTY)
    for receives in (1, 2, 3):
        with pytest.raises(NotYet) as stays:
            bench.work(message, receives)
        pauses.append(stays.value.pause)
    assert pauses == [60, 120, 240]


def test_keys_that_have_converged_are_owed_no_more(bench: RetryBench) -> None:
    bench.source.put(item("a", "1"))
    bench.work(bench.parked(MESSAGE))
    assert bench.owes() == []


def test_keys_of_an_older_epoch_are_owed_no_more(bench: RetryBench) -> None:
    bench.ledger.states[PAIR.id] = PairState(Authority("source", "forward", 3))
    bench.work(bench.parked(MESSAGE))
    assert bench.owes() == []


def test_keys_that_still_fault_stay_owed(bench: RetryBench) -> None:
    bench.source.put({**key("a"), "v": {"N": "1"}})
    bench.target.indexed = ("v",)
    with pytest.raises(NotYet):
        bench.work(bench.parked(FAULTY))
    assert bench.owes() == [("validation", MESSAGE.keys)]


def test_a_fault_of_another_reason_is_owed_by_a_row_of_its_own(bench: RetryBench) -> None:
    bench.source.put({**key("a"), "v": {"N": "1"}})
    bench.target.indexed = ("v",)
    bench.work(bench.parked(MESSAGE))
    assert bench.owes() == [("validation", MESSAGE.keys)]
    assert [message.reason for message, _ in bench.queue.parked] == ["validation"]


def test_a_message_from_before_there_were_rows_is_owed_when_it_faults(bench: RetryBench) -> None:
    bench.source.put({**key("a"), "v": {"N": "1"}})
    bench.target.indexed = ("v",)
    bench.work(FAULTY)
    assert bench.owes() == [("validation", MESSAGE.keys)]


def test_a_message_that_was_overtaken_by_a_new_failure_leaves_its_row(bench: RetryBench) -> None:
    """The keys converged before the new failure, and only its own message may say that it is over."""
    bench.source.put(item("a", "1"))
    first = bench.parked(MESSAGE)
    second = bench.parked(MESSAGE)
    bench.work(first)
    assert bench.owes() == [("unsettled", MESSAGE.keys)]
    bench.work(second)
    assert bench.owes() == []


def test_a_ledger_that_cannot_remove_the_row_keeps_the_message(bench: RetryBench) -> None:
    bench.source.put(item("a", "1"))
    message = bench.parked(MESSAGE)
    bench.owed.fault = "ThrottlingException"
    with pytest.raises(NotYet):
        bench.work(message)
    bench.owed.fault = None
    bench.work(message)
    assert bench.owes() == []


def test_a_key_that_turns_out_to_wait_for_a_user_leaves_the_queue(bench: RetryBench) -> None:
    bench.transform = Waiting("old-sub")
    bench.source.put(item("a", "1"))
    bench.work(bench.parked(MESSAGE))
    assert [(row.reason, row.waits_for) for row in bench.owed.rows(PAIR.id)] == [("unmapped", "old-sub")]
    assert bench.queue.parked == []


def test_all_receives_together_take_some_hours() -> None:
    total = sum(retry_pause(n) for n in range(1, TUNING.receive_count + 1))
    assert 5 * 3600 < total < 9 * 3600


def test_one_fault_in_company_is_parked_alone_and_the_message_is_done(bench: RetryBench) -> None:
    bench.source.put({**key("a"), "v": {"N": "1"}})
    bench.source.put(item("b", "1"))
    bench.target.indexed = ("v",)
    bench.work(replace(MESSAGE, keys=(key("a"), key("b"))))
    (message, _) = bench.queue.parked[0]
    assert (message.keys, message.reason, message.first_parked_at) == ((key("a"),), "validation", 900.0)
    assert list(bench.target.items) == [key_id(key("b"))]


def test_a_lost_reply_is_parked_once_more_with_the_long_delay(bench: RetryBench) -> None:
    bench.source.put(item("a", "1"))
    bench.target.lost[key_id(key("a"))] = True
    bench.work(MESSAGE)
    (message, delay) = bench.queue.parked[0]
    assert (message.reason, delay, message.first_parked_at) == ("ambiguous", 900, 1000.0)


def _gone(_: object) -> None:
    raise TableFault("new", "AccessDeniedException", ambiguous=(key("a"),))


def test_a_table_fault_keeps_the_message_hidden_until_no_lost_write_can_land(bench: RetryBench) -> None:
    bench.source.put(item("a", "1"))
    bench.target.before_write = _gone
    with pytest.raises(NotYet) as stays:
        bench.work(MESSAGE)
    assert stays.value.pause == TUNING.ambiguous_delay


def test_a_message_that_stays_with_lost_replies_does_not_multiply(bench: RetryBench) -> None:
    """Each receive of an outage would add a message, and each of those its own: a flood within the hour."""
    bench.source.put(item("a", "1"))
    bench.target.before_write = _gone
    for receives in range(1, 5):
        with pytest.raises(NotYet):
            bench.work(MESSAGE, receives)
    assert bench.queue.parked == []


def test_a_hot_key_whose_reply_was_lost_stays_hidden_as_long(bench: RetryBench) -> None:
    values = iter(range(100))
    bench.source.before_get = lambda _: bench.source.put(item("a", str(next(values))))
    bench.target.lost[key_id(key("a"))] = True
    with pytest.raises(NotYet, match="unsettled") as stays:
        bench.work(MESSAGE)
    assert (stays.value.pause, bench.queue.parked) == (TUNING.ambiguous_delay, [])


def test_a_reverse_message_never_copies_forward(bench: RetryBench) -> None:
    """The target rules: what the source holds is old, and writing it would undo the application's writes."""
    bench.source.put(item("a", "old"))
    bench.target.put(item("a", "new"))
    bench.ledger.states[PAIR.id] = PairState(Authority("target", "reverse", 1))
    with pytest.raises(NotYet, match="reverse"):
        bench.work(replace(MESSAGE, direction="reverse", epoch=1))
    assert bench.target.items[key_id(key("a"))] == item("a", "new")


def test_a_message_of_a_pair_that_is_no_more_stays(bench: RetryBench) -> None:
    with pytest.raises(NotYet, match="no pair"):
        bench.work(replace(MESSAGE, pair="gone=away"))


def test_a_malformed_message_stays_and_its_text_is_not_told(bench: RetryBench) -> None:
    with pytest.raises(NotYet) as stays:
        bench.work('{"secret"')
    assert "secret" not in str(stays.value)


def test_near_the_deadline_a_message_stays(bench: RetryBench) -> None:
    bench.source.put(item("a", "1"))
    with pytest.raises(NotYet):
        bench.work(MESSAGE, stop=lambda: True)


def test_every_fault_travels_alone_and_the_others_in_company() -> None:
    keys = tuple(key(str(n)) for n in range(60))
    result = Convergence(
        unsettled=keys,
        ambiguous=keys[:1],
        faults=tuple(ItemFault(one, FaultReason.TRANSFORM) for one in keys[:2]),
    )
    sent = list(parcels(result, pair="p", direction="forward", epoch=1, first_parked_at=0.0))
    sizes = [(parcel.message.reason, len(parcel.message.keys)) for parcel in sent]
    assert sizes == [
        *[("transform", 1)] * 2,
        *[("unsettled", 25), ("unsettled", 25), ("unsettled", 10)],
        ("ambiguous", 1),
    ]


def test_keys_that_wait_for_users_travel_together_with_their_old_subs() -> None:
    keys = tuple(key(str(n)) for n in range(60))
    faults = tuple(ItemFault(one, FaultReason.UNMAPPED, waits_for=f"sub-{n}") for n, one in enumerate(keys))
    (sent,) = parcels(Convergence(faults=faults), pair="p", direction="forward", epoch=1, first_parked_at=0.0)
    assert (sent.message.reason, sent.message.keys) == ("unmapped", keys)
    assert sent.message.waits_for == tuple(f"sub-{n}" for n in range(60))


@pytest.mark.parametrize(
    "largest",
    [
        {"p": {"B": b"x" * 2048}, "s": {"B": b"y" * 1024}},
        {"p": {"S": "\x01" * 2048}, "s": {"S": "\x01" * 1024}},
    ],
    ids=["binary", "text that JSON writes six times as long"],
)
def test_messages_of_the_largest_keys_fit_the_queue(largest: dict[str, Any]) -> None:
    result = Convergence(ambiguous=(largest,) * 60)
    sent = list(parcels(result, pair="p" * 300, direction="forward", epoch=1, first_parked_at=0.0))
    assert sum(len(parcel.message.keys) for parcel in sent) == 60
    assert max(len(parcel.message.body()) for parcel in sent) < 256 * 1024
