"""The users' ledger and the queue of reminders in memory, held to the same contract as the real ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import FirstOwner, Offer, State, UserRow, hour_of, name_key, name_row_key
from cutover.users.rollout import Rollout


@dataclass
class FakeLedger:
    rows: dict[str, UserRow] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    new_subs: dict[str, str] = field(default_factory=dict)
    unproven: dict[tuple[str, int], int] = field(default_factory=dict)
    reserved: dict[tuple[str, str], FirstOwner] = field(default_factory=dict)
    looked: list[str] = field(default_factory=list)
    """The kinds of the reservations that were read."""
    attempts: dict[str, int] = field(default_factory=dict)
    """How often each old user was offered."""
    fault: Stop | None = None

    def offer(self, offer: Offer) -> None:
        self._check()
        row = self.rows.get(offer.old_sub)
        proven = offer.state is State.OFFERED
        if row is not None and (row.done or (proven and row.reset_only)):
            raise Stop(Decision.ALREADY_MIGRATED)
        bound = offer.previous or offer
        moved = row is not None and row.open and _name(row) != _name(bound)
        overtaken = offer.previous is not None and row != offer.previous
        name = _name(offer)
        if moved or overtaken or self.names.get(name, offer.old_sub) != offer.old_sub:
            raise Stop(Decision.NAME_COLLISION)
        if offer.previous is not None:
            del self.names[_name(offer.previous)]
        self.names[name] = offer.old_sub
        self.attempts[offer.old_sub] = self.attempts.get(offer.old_sub, 0) + 1
        self.rows[offer.old_sub] = UserRow(
            old_sub=offer.old_sub,
            state=offer.state,
            target_name=offer.target_name,
            target_by=offer.target_by,
            case_sensitive=offer.case_sensitive,
            new_pool=offer.new_pool,
            offered_at=row.offered_at if row and row.open else offer.offered_at,
            last_offered_at=offer.offered_at,
            carried_sub_in=offer.carried_sub_in,
            old_groups=offer.old_groups,
            source=offer.source,
            released_at=row.released_at if row else 0,
            seen_sub=row.seen_sub if row else "",
        )

    def row(self, old_sub: str) -> UserRow | None:
        self._check()
        return self.rows.get(old_sub)

    def confirm(self, row: UserRow, new_sub: str, now: int) -> bool:
        self._check()
        current = self.rows.get(row.old_sub)
        same = current is not None and current.open and _name(current) == _name(row)
        if current is None or not same or new_sub in self.new_subs:
            return False
        self.rows[row.old_sub] = replace(current, state=State.CONFIRMED, new_sub=new_sub)
        self.new_subs[new_sub] = row.old_sub
        return True

    def remember_reminder(self, old_sub: str, attempt: int, seen: str = "") -> None:
        self._check()
        row = self.rows.get(old_sub)
        if row is not None and row.open:
            self.rows[old_sub] = replace(row, reminder=attempt, seen_sub=seen or row.seen_sub)

    def count_unproven(self, new_pool: str, now: int, most: int) -> bool:
        self._check()
        counted = self.unproven.get((new_pool, hour_of(now)), 0)
        if counted >= most:
            return False
        self.unproven[new_pool, hour_of(now)] = counted + 1
        return True

    def first_owner(self, new_pool: str, kind: str, key: str) -> FirstOwner | None:
        self._check()
        self.looked.append(kind)
        return self.reserved.get((kind, key))

    def release(self, row: UserRow, now: int) -> bool:
        """As the operator's verb does; the user's name and the map of the new sub go with it."""
        if self.rows.get(row.old_sub) != row:
            return False
        self.rows[row.old_sub] = replace(
            row,
            state=State.RELEASED,
            released_at=now,
            new_sub="",
            seen_sub="",
            offered_at=0,
            last_offered_at=0,
            reminder=0,
        )
        self.new_subs.pop(row.new_sub, None)
        self.names = {name: sub for name, sub in self.names.items() if sub != row.old_sub}
        return True

    def reserve(self, kind: str, value: str, owner: FirstOwner) -> None:
        """As the index does; of several, the first counts."""
        self.reserved.setdefault((kind, name_key(value, case_sensitive=False)), owner)

    def _check(self) -> None:
        if self.fault is not None:
            raise self.fault


@dataclass
class FakeRolloutSwitch:
    """`known` None: nothing was read yet; `fault` is what a read dies of."""

    value: Rollout = field(default_factory=lambda: Rollout(100))
    known: Rollout | None = field(default_factory=lambda: Rollout(100))
    fault: Stop | None = None

    def set(self, percent: int = 100, paused: str | None = None) -> None:
        """Known at once, as after a few seconds."""
        self.value = self.known = Rollout(percent, paused)

    def last(self) -> Rollout | None:
        return self.known

    def now(self) -> Rollout:
        if self.fault is not None:
            raise self.fault
        self.known = self.value
        return self.value


@dataclass
class FakeReminders:
    """`sent` holds (old sub, attempt, delay in seconds)."""

    sent: list[tuple[str, int, int]] = field(default_factory=list)
    fault: Stop | None = None

    def remind(self, old_sub: str, attempt: int, delay: int) -> None:
        if self.fault is not None:
            raise self.fault
        self.sent.append((old_sub, attempt, delay))


def _name(offer: Offer | UserRow) -> str:
    return name_row_key(offer.new_pool, offer.target_name, case_sensitive=offer.case_sensitive)["pk"]["S"]
