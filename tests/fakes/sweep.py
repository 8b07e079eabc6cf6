"""A pool whose users can be disabled and deleted, and the ledger's side of a sweep, in memory.

Each call can be made to lose its reply (`lost`), and something can happen before or after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import State, UserRow
from cutover.users.sweep import SWEEPING
from tests.fakes.ledger import FakeLedger, _name
from tests.fakes.pools import FakeNewPool, Person


@dataclass
class Calls:
    """`before`, `after` run once; a reply that is `lost` raises after the call was done."""

    made: list[str] = field(default_factory=list)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    after: dict[str, Callable[[], None]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)

    def begin(self, call: str) -> None:
        self.made.append(call)
        self.before.pop(call, lambda: None)()

    def end(self, call: str) -> None:
        self.after.pop(call, lambda: None)()
        if call in self.lost:
            self.lost.remove(call)
            raise Stop(Decision.MISCONFIGURED, f"{call} ReadTimeoutError")


@dataclass
class FakeSweepPool:
    pool: FakeNewPool
    calls: Calls

    def disable(self, sub: str) -> None:
        self._each("disable", sub, lambda person: setattr(person, "enabled", False))

    def enable(self, sub: str) -> None:
        self._each("enable", sub, lambda person: setattr(person, "enabled", True))

    def delete(self, sub: str) -> None:
        self._each("delete", sub, self.pool.people.remove)

    def _each(self, call: str, sub: str, act: Callable[[Person], None]) -> None:
        self.calls.begin(call)
        for person in [person for person in self.pool.people if person.sub == sub]:
            act(person)
        self.calls.end(call)


@dataclass
class FakeSweepLedger:
    """Beside the users' rows of `ledger`."""

    ledger: FakeLedger
    calls: Calls = field(default_factory=Calls)

    def begin(self, row: UserRow, sub: str, now: int) -> bool:
        self.calls.begin("begin")
        current = self.ledger.rows.get(row.old_sub)
        seen = (State.RESET_OFFERED, row.last_offered_at, row.new_pool)
        fits = current is not None and (current.state, current.last_offered_at, current.new_pool) == seen
        if current is not None and fits:
            self.ledger.rows[row.old_sub] = replace(current, state=SWEEPING, swept_sub=sub, swept_at=now)
        self.calls.end("begin")
        return fits

    def take_over(self, row: UserRow, now: int) -> bool:
        return self._change("take_over", row, lambda current: replace(current, swept_at=now))

    def give_back(self, row: UserRow) -> bool:
        return self._change(
            "give_back",
            row,
            lambda current: replace(current, state=State.RESET_OFFERED, swept_sub="", swept_at=0),
        )

    def forget(self, row: UserRow) -> bool:
        return self._change("forget", row, self._forgotten)

    def _forgotten(self, current: UserRow) -> UserRow | None:
        self.ledger.names.pop(_name(current), None)
        if not current.released_at:
            return None
        return replace(
            current,
            state=State.RELEASED,
            offered_at=0,
            last_offered_at=0,
            reminder=0,
            old_groups=frozenset(),
            swept_sub="",
            swept_at=0,
        )

    def _change(self, call: str, row: UserRow, change: Callable[[UserRow], UserRow | None]) -> bool:
        self.calls.begin(call)
        current = self.ledger.rows.get(row.old_sub)
        seen = (SWEEPING, row.swept_at, row.swept_sub)
        fits = current is not None and (current.state, current.swept_at, current.swept_sub) == seen
        if current is not None and fits:
            changed = change(current)
            if changed is None:
                del self.ledger.rows[row.old_sub]
            else:
                self.ledger.rows[row.old_sub] = changed
        self.calls.end(call)
        return fits
