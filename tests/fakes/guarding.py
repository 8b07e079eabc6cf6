"""The sign-up guard's ports in memory, held to the same contracts as the real ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cutover.control.taken_names import PoolUser
from cutover.users.decision_table import Stop
from cutover.users.ledger_rows import State, UserRow
from tests.fakes.ledger import FakeLedger


@dataclass
class FakeGuardLedger:
    """`users` is the ledger that the trigger writes; `used` are offers, by number, that let one through."""

    users: FakeLedger = field(default_factory=FakeLedger)
    used: set[tuple[str, int]] = field(default_factory=set)

    def row(self, old_sub: str) -> UserRow | None:
        return self.users.row(old_sub)

    def settled(self, old_subs: Iterable[str]) -> frozenset[str]:
        rows = ((old_sub, self.users.row(old_sub)) for old_sub in old_subs)
        done = {State.CONFIRMED, State.IMPORTED}
        return frozenset(old_sub for old_sub, row in rows if row is not None and row.state in done)

    def use_offer(self, row: UserRow) -> bool:
        now = self.users.row(row.old_sub)
        if now is None or not now.open:
            return False
        same = (now.last_offered_at, now.new_pool) == (row.last_offered_at, row.new_pool)
        offer = (row.old_sub, self.users.attempts[row.old_sub])
        if not same or offer in self.used:
            return False
        self.used.add(offer)
        return True


@dataclass
class FakeDirectory:
    """The old pool's users. `asked` is what it was asked; `page` how many it shows at once."""

    people: list[PoolUser] = field(default_factory=list)
    aliases: tuple[str, ...] = ()
    case_sensitive: bool = True
    page: int = 60
    fault: Stop | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def named(self, name: str) -> PoolUser | None:
        self._ask("named", name)
        for user in self.people:
            if self._same(name, user.name) or name == user.sub:
                return user
        for user in self.people:
            for alias in self.aliases:
                verified = alias == "preferred_username" or user.attributes.get(f"{alias}_verified") == "true"
                if verified and self._same(name, user.attributes.get(alias, "")):
                    return user
        return None

    def having(self, attribute: str, value: str) -> Iterator[Sequence[PoolUser]]:
        self._ask(attribute, value)
        found = [user for user in self.people if self._same(value, user.attributes.get(attribute, ""))]
        yield ()  # a page may be empty and not be the last
        for start in range(0, len(found), self.page):
            yield found[start : start + self.page]

    def _ask(self, how: str, value: str) -> None:
        if self.fault is not None:
            raise self.fault
        self.asked.append((how, value))

    def _same(self, one: str, other: str) -> bool:
        return one == other or (not self.case_sensitive and one.lower() == other.lower())
