"""Tables in memory, with what a real table does to a writer: refusals, throttling, replies that get lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy

from cutover.tables.authority import PairState, may_write
from cutover.tables.items import key_id, key_of, same, size
from cutover.tables.parking import NotParked, RetryMessage
from cutover.tables.ports import (
    AuthorityLost,
    Change,
    FaultReason,
    Item,
    Key,
    KeyId,
    ScanPage,
    TableFault,
    WriteOutcome,
)

LARGEST_ITEM = 409_600


def number(value: object) -> dict[str, str]:
    return {"N": str(value)}


def text(value: str) -> dict[str, str]:
    return {"S": value}


def key(name: str) -> Key:
    return {"k": text(name)}


def item(name: str, value: str) -> Item:
    return {"k": text(name), "v": text(value)}


class FakeTable:
    """`before_get` and `before_write` are called with the keys at hand before anything is done: a test makes
    a race there, or raises. `indexed` names attributes that must be strings where they exist (an index)."""

    def __init__(
        self,
        items: Sequence[Item] = (),
        *,
        name: str = "table",
        key_names: Sequence[str] = ("k",),
        indexed: Sequence[str] = (),
        page: int = 100,
    ) -> None:
        self.name = name
        self.key_names = tuple(key_names)
        self.indexed = tuple(indexed)
        self.page = page
        self.items: dict[KeyId, Item] = {}
        self.reads: list[list[KeyId]] = []
        self.writes: list[list[KeyId]] = []
        self.before_get: Callable[[list[KeyId]], None] = lambda _: None
        self.before_write: Callable[[list[KeyId]], None] = lambda _: None
        self.throttled: set[KeyId] = set()
        self.lost: dict[KeyId, bool] = {}
        """Keys whose next write gets no reply, and whether it is done all the same."""
        for one in items:
            self.put(one)

    def put(self, one: Item) -> None:
        self.items[key_id(key_of(one, self.key_names))] = deepcopy(dict(one))

    def delete(self, one: Key) -> None:
        self.items.pop(key_id(one), None)

    def get(self, keys: Sequence[Key]) -> dict[KeyId, Item]:
        wanted = [key_id(one) for one in keys]
        self.before_get(wanted)
        self.reads.append(wanted)
        return {one: deepcopy(self.items[one]) for one in wanted if one in self.items}

    def write(self, puts: Sequence[Item], deletes: Sequence[Key]) -> WriteOutcome:
        requests = [(key_of(one, self.key_names), one) for one in puts] + [(one, None) for one in deletes]
        return self._request(requests, {})

    def write_seen(self, changes: Sequence[Change]) -> WriteOutcome:
        seen = {key_id(one.place): one.seen for one in changes}
        return self._request([(one.place, one.wanted) for one in changes], seen)

    def _request(
        self, requests: Sequence[tuple[Key, Item | None]], seen: Mapping[KeyId, Item | None]
    ) -> WriteOutcome:
        self.before_write([key_id(one) for one, _ in requests])
        self.writes.append([key_id(one) for one, _ in requests])
        ambiguous: list[Key] = []
        unprocessed: list[Key] = []
        rejected: list[tuple[Key, FaultReason, str]] = []
        overtaken: list[Key] = []
        for where, new in requests:
            identity = key_id(where)
            refusal = new and self._refusal(new)
            if refusal:
                rejected.append((where, refusal, "ValidationException"))
            elif identity in seen and not same(seen[identity], self.items.get(identity)):
                overtaken.append(where)
            elif identity in self.throttled:
                unprocessed.append(where)
            elif identity in self.lost:
                ambiguous.append(where)
                if self.lost.pop(identity):
                    self._do(where, new)
            else:
                self._do(where, new)
        return WriteOutcome(tuple(ambiguous), tuple(unprocessed), tuple(rejected), tuple(overtaken))

    def scan(
        self, segment: int, segments: int, *, start: Key | None = None, consistent: bool = False
    ) -> Iterator[ScanPage]:
        """Segments by a stable order of the keys; a page is read when it is asked for."""
        after = None if start is None else self._place(key_id(start))
        while True:
            mine = sorted((self._place(one), one) for one in self.items)
            mine = [(place, one) for place, one in mine if place[0] % segments == segment]
            mine = [(place, one) for place, one in mine if after is None or place > after]
            page = [deepcopy(self.items[one]) for _, one in mine[: self.page]]
            more = len(mine) > self.page
            yield ScanPage(tuple(page), key_of(page[-1], self.key_names) if more else None, len(page) / 2)
            if not more:
                return
            after = mine[self.page - 1][0]

    def _place(self, identity: KeyId) -> tuple[int, str]:
        spelled = repr(sorted(map(repr, identity)))  # type: ignore[call-overload]
        return sum(spelled.encode()), spelled

    def _refusal(self, new: Item) -> FaultReason | None:
        if size(new) > LARGEST_ITEM:
            return FaultReason.TOO_LARGE
        wrong = any(name in new and "S" not in new[name] for name in self.indexed)
        return FaultReason.VALIDATION if wrong else None

    def _do(self, where: Key, new: Item | None) -> None:
        if new is None:
            self.delete(where)
        else:
            self.put(new)


class Granted:
    """A permit that always holds; `lost_at` counts the check at which it does no more."""

    def __init__(self, lost_at: int | None = None) -> None:
        self.checks = 0
        self.lost_at = lost_at

    def check(self) -> None:
        self.checks += 1
        if self.lost_at is not None and self.checks >= self.lost_at:
            raise AuthorityLost("pair", "forward in epoch 0", "target rules, reverse in epoch 1")


class FakeLedger:
    """The rows of pairs: tests set `states`, and `fault` to make the ledger unreadable."""

    def __init__(self, **states: PairState) -> None:
        self.states: dict[str, PairState] = dict(states)
        self.counts: dict[str, dict[str, int]] = {}
        self.fault: str | None = None
        self.reads = 0

    def state(self, pair_id: str) -> PairState:
        self.reads += 1
        if self.fault:
            raise TableFault("ledger", self.fault)
        return self.states.get(pair_id, PairState())

    def permit(self, pair_id: str, direction: str, epoch: int) -> FakePermit:
        return FakePermit(self, pair_id, direction, epoch)

    def count(self, pair_id: str, **counters: int) -> bool:
        row = self.counts.setdefault(pair_id, {})
        for name, amount in counters.items():
            row[name] = row.get(name, 0) + amount
        return True


class FakePermit:
    def __init__(self, ledger: FakeLedger, pair_id: str, direction: str, epoch: int) -> None:
        self._ledger, self._pair, self._direction, self._epoch = ledger, pair_id, direction, epoch

    def check(self) -> None:
        state = self._ledger.state(self._pair)
        if state.paused or not may_write(state.authority, self._direction, self._epoch):
            raise AuthorityLost(self._pair, f"{self._direction} in epoch {self._epoch}", str(state.authority))


class FakeQueue:
    """The retry queue: `parked` holds (message, delay); `full` makes it take nothing, for `why_full`."""

    def __init__(self) -> None:
        self.parked: list[tuple[RetryMessage, int]] = []
        self.full = False
        self.why_full = "Throttling"

    def park(self, message: RetryMessage, delay: int) -> None:
        if self.full:
            raise NotParked("the retry queue", self.why_full)
        self.parked.append((message, delay))

    def keys(self, reason: str) -> list[Key]:
        return [one for message, _ in self.parked if message.reason == reason for one in message.keys]
