"""Who works on a pair, in memory."""

from __future__ import annotations

from cutover.tables.shares import AtWork, Short


class FakeWorkers:
    """`members` holds until when each is counted, `notes` what they said when they left; while it is `silent`
    the ledger does not answer."""

    def __init__(self) -> None:
        self.members: dict[str, dict[str, float]] = {}
        self.backfills: dict[str, float] = {}
        self.verifies: dict[str, dict[str, float]] = {}
        self.short: dict[str, Short] = {}
        self.notes: list[tuple[str, float]] = []
        self.silent = False

    def join(
        self, pair_id: str, member: str, until: float, now: float, short: Short | None, /
    ) -> AtWork | None:
        if self.silent:
            return None
        _count(self.members.setdefault(pair_id, {}), member, until, now)
        if short is not None:
            self.short[pair_id] = short
        return self._at_work(pair_id, now)

    def join_backfill(self, pair_id: str, until: float, now: float, /) -> AtWork | None:
        if self.silent:
            return None
        self.backfills[pair_id] = until
        return self._at_work(pair_id, now)

    def join_verify(self, pair_id: str, member: str, until: float, now: float, /) -> AtWork | None:
        if self.silent:
            return None
        _count(self.verifies.setdefault(pair_id, {}), member, until, now)
        return self._at_work(pair_id, now)

    def leave_verify(self, pair_id: str, member: str, until: float, now: float, /) -> None:
        _leave(self.verifies.setdefault(pair_id, {}), member, until, now)

    def leave(self, pair_id: str, member: str, until: float, why: str, waited: float, now: float, /) -> None:
        _leave(self.members.setdefault(pair_id, {}), member, until, now)
        if why:
            self.notes.append((why, waited))

    def _at_work(self, pair_id: str, now: float) -> AtWork:
        alive = sum(end > now for end in self.members.get(pair_id, {}).values())
        verifies = sum(end > now for end in self.verifies.get(pair_id, {}).values())
        return AtWork(alive, self.backfills.get(pair_id, 0.0) > now, self.short.get(pair_id), verifies)


def _count(row: dict[str, float], member: str, until: float, now: float) -> None:
    row[member] = until
    for name in [name for name, end in row.items() if end <= now]:
        del row[name]


def _leave(row: dict[str, float], member: str, until: float, now: float) -> None:
    if until > now:
        row[member] = until
    else:
        row.pop(member, None)
