"""How far the count of squatters has come: a sixteenth of the new pool at a time, by sub's first digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cutover.control.watch import SQUATTED, watch_pk

SHARDS = "0123456789abcdef"
"""A sub is a UUID in text, so its first digit cuts a pool into sixteen parts of about one size."""


@dataclass(frozen=True)
class SquattedCount:
    """The row `squatted` of the watch. `counts` are those of the last listing of each shard; `token` goes on
    within the shard `shard`, of which `partial` squatters were counted already."""

    new_pool: str
    counts: Mapping[str, int] = field(default_factory=dict)
    shard: str = SHARDS[0]
    token: str | None = None
    partial: int = 0
    at: int = 0

    @property
    def count(self) -> int:
        """A lower bound until every shard was listed once."""
        return sum({**self.counts, self.shard: max(self.counts.get(self.shard, 0), self.partial)}.values())

    @property
    def complete(self) -> bool:
        return len(self.counts) == len(SHARDS)

    def after(self, found: int, token: str | None, at: int) -> SquattedCount:
        """`found` more squatters; `token` is None where the shard's end was reached."""
        so_far = self.partial + found
        if token is not None:
            return replace(self, token=token, partial=so_far, at=at)
        following = SHARDS[(SHARDS.index(self.shard) + 1) % len(SHARDS)]
        counts = {**self.counts, self.shard: so_far}
        return replace(self, counts=counts, shard=following, token=None, partial=0, at=at)

    def again(self) -> SquattedCount:
        """The shard from its beginning: a listing can be gone on with for an hour only."""
        return replace(self, token=None, partial=0)

    def row(self) -> dict[str, Any]:
        return {
            "pk": watch_pk(self.new_pool),
            "sk": SQUATTED,
            "count": self.count,
            "complete": self.complete,
            "at": self.at,
            "counts": dict(self.counts),
            "shard": self.shard,
            "partial": self.partial,
            **({} if self.token is None else {"token": self.token}),
        }

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> SquattedCount:
        return cls(
            new_pool=str(row["pk"]).removeprefix("watch#"),
            counts={str(shard): int(number) for shard, number in row["counts"].items()},
            shard=str(row["shard"]),
            token=row.get("token"),
            partial=int(row["partial"]),
            at=int(row["at"]),
        )
