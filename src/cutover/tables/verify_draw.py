"""Which part of a table a sample looks at, and what that proves.

A parallel scan may be cut into a million segments:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
A few of many small segments, drawn at random, are a random choice of partition keys. (No page of AWS says how
items are given to segments; tests see that each is in one, and a partition key's one after the other.)
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from cutover.tables.spill_join import Side

MOST_SEGMENTS = 1_000_000
FEWEST_SEGMENTS = 100
ITEMS_OF_A_SEGMENT = 25


@dataclass(frozen=True)
class SampleSize:
    """So many percent of the segments, or segments until so many items of each table were seen."""

    percent: float | None = None
    items: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class Draw:
    """The segments of one table, in the order in which they are read, until `enough` items (None: all)."""

    segments: int
    chosen: tuple[int, ...]
    enough: int | None


def draw(size: SampleSize, estimate: int, side: Side) -> Draw:
    """The same seed draws the same segments of a table of the same estimated size."""
    segments = min(max(estimate // ITEMS_OF_A_SEGMENT, FEWEST_SEGMENTS), MOST_SEGMENTS)
    count = segments if size.percent is None else max(1, math.ceil(segments * size.percent / 100))
    rng = random.Random(f"{size.seed} {side}")  # noqa: S311 - to be repeated, not to be secret
    return Draw(segments, tuple(rng.sample(range(segments), count)), size.items)


@dataclass
class Sampled:
    """What of one side was looked at. Items of one partition key come one after the other in a scan."""

    items: int = 0
    partition_keys: int = 0
    segments: int = 0
    unmapped: int = 0

    @property
    def bound(self) -> float | None:
        """With 95 % confidence fewer than this share of the partition keys are wrong, where none of those
        that were looked at was: the rule of three (Hanley and Lippman-Hand, JAMA 1983; 249:1743-1745,
        https://doi.org/10.1001/jama.1983.03330370053031). None where too few were looked at."""
        return 3 / self.partition_keys if self.partition_keys > 3 else None
