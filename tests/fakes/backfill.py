"""A backfill's ledger, lease and pace in memory, and a hand that kills the process at a chosen call."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cutover.tables.backfill_rows import BackfillPace, PendingPage, Place, Run, Word, cut, page_sk
from cutover.tables.copying import Copying
from cutover.tables.items import key_id
from cutover.tables.lease import LeaseRow
from cutover.tables.patience import Patience
from cutover.tables.ports import AuthorityLost, Key
from cutover.tables.transform import IDENTITY
from cutover.tables.tuning import Tuning
from tests.fakes.tables import FakeQueue, FakeTable, Granted

QUICK = Tuning(pause_base=0.0, slice_keys=4)


class FakeBackfillLedger:
    """The rows of one pair. Every process that works on them gets its own `names`."""

    def __init__(self, part_bytes: int = 300_000) -> None:
        self.part_bytes = part_bytes
        self.run_rows: dict[str, Run] = {}
        self.place_rows: dict[tuple[str, int], Place] = {}
        self.page_rows: dict[str, tuple[Key, ...]] = {}
        self._names = itertools.count()

    def runs(self) -> list[Run]:
        return sorted(self.run_rows.values(), key=lambda run: (run.started_at, run.run_id))

    def save_run(self, run: Run) -> None:
        self.run_rows[run.run_id] = run

    def mark_unmirrored(self, run_id: str) -> None:
        if run_id in self.run_rows:
            self.run_rows[run_id] = replace(self.run_rows[run_id], unmirrored=True)

    def tell(self, run_id: str, word: Word) -> None:
        run = self.run_rows.get(run_id)
        if run is not None:
            self.run_rows[run_id] = replace(
                run,
                items=run.items + word.items,
                written=run.written + word.written,
                parked=run.parked + word.parked,
                why=word.why,
                why_at=word.at,
                error=run.error if word.error is None else word.error,
            )

    def places_of(self, run_id: str, segments: Sequence[int]) -> Mapping[int, Place]:
        return {number: place for number, place in self.places(run_id).items() if number in segments}

    def places(self, run_id: str) -> Mapping[int, Place]:
        return {number: place for (owner, number), place in self.place_rows.items() if owner == run_id}

    def save_place(self, run_id: str, place: Place) -> None:
        self.place_rows[run_id, place.segment] = place

    def pending(self) -> Iterator[PendingPage]:
        return iter([PendingPage(name, keys) for name, keys in sorted(self.page_rows.items())])

    def save_pending(self, run_id: str, segment: int, keys: Sequence[Key]) -> list[PendingPage]:
        page = f"fake-{next(self._names)}"
        pages = [
            PendingPage(page_sk(run_id, segment, page, part), piece)
            for part, piece in enumerate(cut(keys, self.part_bytes))
        ]
        for pending in pages:
            self.page_rows[pending.name] = pending.keys
        return pages

    def remove_pending(self, pages: Sequence[PendingPage]) -> None:
        for page in pages:
            self.page_rows.pop(page.name, None)


class FakeLeaseBook:
    def __init__(self) -> None:
        self.row: LeaseRow | None = None

    def read(self) -> LeaseRow | None:
        return self.row

    def claim(self, row: LeaseRow, over: LeaseRow | None) -> bool:
        if self.row is not None and self.row != over:
            return False
        self.row = row
        return True

    def renew(self, row: LeaseRow) -> LeaseRow | None:
        if self.row is None or self.row.owner != row.owner:
            return None
        self.row = replace(self.row, expires_at=row.expires_at, seconds=row.seconds)
        return self.row

    def ask_to_stop(self, owner: str) -> bool:
        if self.row is None or self.row.owner != owner:
            return False
        self.row = replace(self.row, stop=True)
        return True

    def give_back(self, row: LeaseRow) -> None:
        if self.row is not None and self.row.owner == row.owner:
            self.row = None


class FakePaceBook:
    def __init__(self) -> None:
        self.pace = BackfillPace()

    def read(self) -> BackfillPace:
        return self.pace

    def save(self, pace: BackfillPace) -> None:
        self.pace = pace


class OpenGate:
    """Nothing holds the backfill, and what a permit refuses stays refused."""

    def ready(self) -> None:
        """Always."""

    def lost(self, fault: AuthorityLost) -> None:
        raise fault


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@dataclass
class Hand:
    """Counts the calls on what it wraps; at call `kill_at` the process dies, before the call is done or
    (`after`) when it has been done. `meanwhile` is what the rest of the world does at each call."""

    kill_at: int | None = None
    after: bool = False
    meanwhile: Callable[[int], None] = lambda _: None
    calls: int = 0
    dead: bool = False

    def on(self, thing: Any) -> Any:
        return _Handled(thing, self)

    def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        if self.dead:
            raise Killed
        number, self.calls = self.calls, self.calls + 1
        self.meanwhile(number)
        if number == self.kill_at and not self.after:
            self.dead = True
            raise Killed
        result = function(*arguments, **named)
        if isinstance(result, Iterator):
            result = iter(list(result))
        if number == self.kill_at:
            self.dead = True
            raise Killed
        return result


class _Handled:
    def __init__(self, thing: Any, hand: Hand) -> None:
        self._thing, self._hand = thing, hand

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._thing, name)
        if not callable(member):
            return member
        return lambda *arguments, **named: self._hand.call(member, *arguments, **named)


@dataclass
class World:
    """A source, its target, the application that writes to the one, and the mirror that follows it."""

    source: FakeTable = field(default_factory=lambda: FakeTable(name="source", page=3))
    target: FakeTable = field(default_factory=lambda: FakeTable(name="target", page=3))
    ledger: FakeBackfillLedger = field(default_factory=FakeBackfillLedger)
    queue: FakeQueue = field(default_factory=FakeQueue)

    def copying(self, hand: Hand | None = None, **changes: Any) -> Copying:
        """What one process works with, in `hand`."""
        hand = hand or Hand()
        work = Copying(
            pair_id="source=target",
            epoch=0,
            source=hand.on(self.source),
            target=hand.on(self.target),
            transform=IDENTITY,
            permit=hand.on(Granted()),
            ledger=hand.on(self.ledger),
            park=lambda message, delay: hand.call(self.queue.park, message, delay),
            gate=OpenGate(),
            patience=Patience(budget=0, sleep=lambda _: None),
            clock=lambda: 1_700_000_000.0,
            sleep=lambda _: None,
            rng=lambda: 0.5,
            tuning=QUICK,
        )
        return replace(work, **changes)

    def mirror(self, key: Key) -> None:
        """What the mirror ends with for a change of `key`: the target holds what the source holds."""
        now = self.source.items.get(key_id(key))
        if now is None:
            self.target.delete(key)
        else:
            self.target.put(now)

    @property
    def equal(self) -> bool:
        return self.source.items == self.target.items
