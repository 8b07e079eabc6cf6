"""The users' ledger and the queue of reminders in memory, held to the same contract as the real ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import Offer, State, UserRow, name_row_key


@dataclass
class FakeLedger:
    rows: dict[str, UserRow] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    new_subs: dict[str, str] = field(default_factory=dict)
    fault: Stop | None = None

    def offer(self, offer: Offer) -> None:
        self._check()
        row = self.rows.get(offer.old_sub)
        if row is not None and not row.open:
            raise Stop(Decision.ALREADY_MIGRATED)
        moved = row is not None and _name(row) != _name(offer)
        name = _name(offer)
        if moved or self.names.get(name, offer.old_sub) != offer.old_sub:
            raise Stop(Decision.NAME_COLLISION)
        self.names[name] = offer.old_sub
        self.rows[offer.old_sub] = UserRow(
            old_sub=offer.old_sub,
            state=offer.state,
            target_name=offer.target_name,
            target_by=offer.target_by,
            case_sensitive=offer.case_sensitive,
            new_pool=offer.new_pool,
            offered_at=row.offered_at if row else offer.offered_at,
            last_offered_at=offer.offered_at,
            carried_sub_in=offer.carried_sub_in,
            old_groups=offer.old_groups,
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

    def remember_reminder(self, old_sub: str, attempt: int) -> None:
        self._check()
        row = self.rows.get(old_sub)
        if row is not None and row.open:
            self.rows[old_sub] = replace(row, reminder=attempt)

    def _check(self) -> None:
        if self.fault is not None:
            raise self.fault


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
