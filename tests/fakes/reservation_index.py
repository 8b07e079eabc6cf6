"""The reservation index in memory, held to the same contract as the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from cutover.users.decision_table import Stop
from cutover.users.reservations import MOST_OWNERS, Reservation, folded

Place = tuple[str, str, str]


@dataclass
class FakeIndex:
    """`rows` by (new pool, kind, key); `states` by new pool; `reads` counts the batches that were read."""

    rows: dict[Place, Reservation] = field(default_factory=dict)
    states: dict[str, dict[str, int]] = field(default_factory=dict)
    reads: int = 0
    fault: Stop | None = None

    def read(self, new_pool: str, wanted: Iterable[tuple[str, str]]) -> list[Reservation]:
        if self.fault is not None:
            raise self.fault
        self.reads += 1
        places = {(new_pool, str(kind), folded(kind, value)) for kind, value in wanted}
        return [self.rows[place] for place in places if place in self.rows]

    def reserve(self, new_pool: str, mine: Reservation, *, spent: Callable[[float], object]) -> None:
        spent(1.0)
        place = (new_pool, str(mine.kind), mine.key)
        there = self.rows.setdefault(place, mine)
        if len(there.owners | mine.owners) <= MOST_OWNERS:
            there = replace(
                there, owners=there.owners | mine.owners, federated=there.federated | mine.federated
            )
        if (mine.first_created, mine.first_sub) < (there.first_created, there.first_sub):
            there = replace(
                there,
                first_sub=mine.first_sub,
                first_name=mine.first_name,
                first_created=mine.first_created,
            )
        self.rows[place] = there

    def begin(self, new_pool: str, now: float) -> None:
        self.states[new_pool] = {"started_at": int(now), "users": 0}

    def complete(self, new_pool: str, now: float, users: int) -> None:
        self.states[new_pool] |= {"built_at": int(now), "users": users}
