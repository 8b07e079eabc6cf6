"""What a redrive has done to one pair so far."""

from __future__ import annotations

from dataclasses import dataclass

from cutover.tables.counting import SharedCounts


@dataclass
class Redriven(SharedCounts):
    """Counts of keys; the threads of a redrive add to one of these."""

    converged: int = 0
    remain: int = 0
    """Still at fault, changing all the time, or to be looked at once more because a reply was lost."""
    dropped: int = 0
    """Of older epochs."""
    waiting: int = 0
    """Wait for a user who has not come over."""
    unknown: int = 0
    """Rows without keys, of lost batches that nobody can read, or with what is no key of the table. Only a
    full verify clears them."""
