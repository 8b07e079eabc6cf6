"""The project's own table code as processes that stop at every call to the world outside.

`Replayed` answers the calls that were answered before and raises `Paused` at the next one; so the local state
of a process is the tuple of the answers it has had, and running it again from the start is its next step.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from cutover.aws.pair_ledger import PairPermit
from cutover.tables.authority import Authority, Direction, PairState
from cutover.tables.converge import converge
from cutover.tables.items import key_id
from cutover.tables.mirror import mirror
from cutover.tables.pairs import parse_pairs
from cutover.tables.parking import RetryMessage, parcels
from cutover.tables.parts import OpenPair, TableParts
from cutover.tables.ports import AuthorityLost, Item, Key, TableFault, WriteOutcome
from cutover.tables.retry import NotYet, retry
from cutover.tables.transform import IDENTITY
from cutover.tables.tuning import Tuning
from tests.fakes.owed import FakeOwedBook

KEY: Key = {"k": {"S": "it"}}
PAIRS = parse_pairs(json.dumps([{"source": "old", "target": "new"}]))
ARN = "arn:aws:dynamodb:eu-west-1:1:table/old/stream/x"
TUNING = Tuning(rounds=2)
MESSAGE = RetryMessage(PAIRS[0].id, Direction.FORWARD, 0, (KEY,), 0.0, "redrive").body()

Value = str | None
Program = tuple[str, tuple[Value, ...]]
"""`mirror` with the images of its records, `page`, or `retry`."""
Answers = tuple[Any, ...]


@dataclass(frozen=True)
class Rules:
    """What holds in a run; each False takes one rule of the design away."""

    reads_after_writing: bool = True
    pages_keep_their_keys: bool = True
    asks_for_authority: bool = True
    waits_before_the_flip: bool = True
    parks_lost_replies: bool = True
    tells_deletions: bool = True


class Paused(BaseException):
    def __init__(self, call: tuple[Any, ...]) -> None:
        self.call = call


@dataclass
class Replayed:
    """The ports of a process: old answers first, then a pause."""

    answers: Answers
    rules: Rules
    authority_moves: bool
    position: int = 0
    last_seen: Value = None
    wrote: bool = False

    def ask(self, *call: Any) -> Any:
        if self.position == len(self.answers):
            raise Paused(call)
        self.position += 1
        return self.answers[self.position - 1]

    def state(self, pair_id: str) -> PairState:
        if not (self.rules.asks_for_authority and self.authority_moves):
            return PairState()
        ruler, epoch = self.ask("authority")
        direction = Direction.REVERSE if ruler == "target" else Direction.FORWARD
        return PairState(Authority(ruler, direction, epoch))

    def permit(self, pair_id: str, direction: str, epoch: int) -> PairPermit:
        return PairPermit(self, pair_id, direction, epoch)  # type: ignore[arg-type]

    def count(self, pair_id: str, **counters: int) -> bool:
        return True

    def park(self, message: RetryMessage, delay: int) -> None:
        if message.reason != "ambiguous" or self.rules.parks_lost_replies:
            self.ask("park", message.reason)

    def parts(self) -> TableParts:
        tables = OpenPair(_Source(self), _Target(self), IDENTITY)
        return TableParts(
            PAIRS,
            self,
            lambda *_: tables,
            self.park,
            _no_hiding,
            lambda: 0.0,
            TUNING,
            lambda _: None,
            lambda: 0.0,
            owed=FakeOwedBook(),
        )


@dataclass
class _Source:
    replayed: Replayed
    name: str = "old"
    key_names: tuple[str, ...] = ("k",)

    def get(self, keys: Any) -> dict[Any, Item]:
        replayed = self.replayed
        if replayed.rules.reads_after_writing or not replayed.wrote:
            replayed.last_seen = replayed.ask("read source")
        return _found(replayed.last_seen)


@dataclass
class _Target:
    replayed: Replayed
    name: str = "new"
    key_names: tuple[str, ...] = ("k",)

    def get(self, keys: Any) -> dict[Any, Item]:
        return _found(self.replayed.ask("read target"))

    def write(self, puts: Any, deletes: Any) -> WriteOutcome:
        value = puts[0]["v"]["S"] if puts else None
        self.replayed.wrote = True
        self.replayed.last_seen = value
        replied = self.replayed.ask("write target", value)
        return WriteOutcome() if replied else WriteOutcome(ambiguous=(KEY,))


def _found(value: Value) -> dict[Any, Item]:
    return {} if value is None else {key_id(KEY): _item(value)}


def _item(value: str) -> Item:
    return {**KEY, "v": {"S": value}}


@cache
def advance(program: Program, answers: Answers, rules: Rules, authority_moves: bool) -> tuple[Any, ...]:
    """The next call of a process, or `("done", <whether its work is done with>)`.

    Where the authority never moves, asking for it is no step of its own: no order of it matters."""
    replayed = Replayed(answers, rules, authority_moves)
    try:
        return "done", _run(program, replayed)
    except Paused as paused:
        return paused.call


def _run(program: Program, replayed: Replayed) -> bool:
    kind, images = program
    if kind == "mirror":
        report = mirror([_record(n, image) for n, image in enumerate(images)], replayed.parts(), stop=_never)
        return not report.response["batchItemFailures"]
    if kind == "retry":
        try:
            retry(MESSAGE, 1, replayed.parts(), stop=_never)
        except NotYet:
            return False
        return True
    return _page(replayed)


def _page(replayed: Replayed) -> bool:
    try:
        result = converge(
            [KEY],
            source=_Source(replayed),
            target=_Target(replayed),
            transform=IDENTITY,
            permit=replayed.permit(PAIRS[0].id, Direction.FORWARD, 0),
            tuning=TUNING,
            sleep=lambda _: None,
        )
    except (TableFault, AuthorityLost) as fault:
        result, done = fault.so_far, False
        assert result is not None
    else:
        done = not result.unsettled
    for parcel in parcels(
        replace(result, unsettled=()), pair=PAIRS[0].id, direction="forward", epoch=0, first_parked_at=0
    ):
        replayed.park(parcel.message, parcel.delay)
    return done


def _no_hiding(receipt: str, seconds: int) -> bool:
    return True


def _never() -> bool:
    return False


def _record(number: int, image: Value) -> dict[str, Any]:
    body: dict[str, Any] = {"Keys": KEY, "SequenceNumber": str(number + 1)}
    if image is not None:
        body["NewImage"] = _item(image)
    return {"eventName": "MODIFY" if image else "REMOVE", "dynamodb": body, "eventSourceARN": ARN}
