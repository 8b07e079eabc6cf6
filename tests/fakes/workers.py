"""Who works on a pair, in memory."""

from __future__ import annotations


class FakeWorkers:
    """`members` holds until when each is counted, `notes` what they said when they left."""

    def __init__(self) -> None:
        self.members: dict[str, dict[str, float]] = {}
        self.notes: list[tuple[str, float]] = []

    def join(self, pair_id: str, member: str, until: float, now: float, /) -> int:
        row = self.members.setdefault(pair_id, {})
        row[member] = until
        for name in [name for name, end in row.items() if end <= now]:
            del row[name]
        return max(len(row), 1)

    def leave(self, pair_id: str, member: str, why: str, waited: float, now: float, /) -> None:
        self.members.setdefault(pair_id, {}).pop(member, None)
        if why:
            self.notes.append((why, waited))
