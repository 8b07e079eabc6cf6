"""A lease: the word of one command-line writer that it may be writing a pair right now.

It blocks the switch and a second writer. A lease is over when its holder gave it back, or
when it was not renewed for its length: judged by the watcher's own clock, so that clocks need not agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cutover.tables.ports import AuthorityLost

LEASE_SECONDS = 30.0
"""A writer that was killed blocks the next one for that long; its own writes stop earlier (`MARGIN`)."""
MARGIN = 10.0
"""A holder that could not renew stops this long before others may think it dead: a slice takes less."""
LONGEST_SKEW = 600.0
"""Two clocks that AWS takes signatures from are less than 5 minutes off each, so a lease that ran out
longer ago than this is over without being watched."""


@dataclass(frozen=True)
class LeaseRow:
    """`owner` is the process that holds it (host, process, a random part). Times are epoch seconds."""

    verb: str
    owner: str
    since: float
    expires_at: float


class LeaseBook(Protocol):
    """The one lease of a pair's writers; raises TableFault when the ledger is at fault."""

    def read(self) -> LeaseRow | None: ...

    def claim(self, row: LeaseRow, over: LeaseRow | None) -> bool:
        """Writes `row` where the book holds `over` (None: nothing); False where it holds something else."""

    def give_back(self, row: LeaseRow) -> None:
        """Removes the lease where it is still ours."""


class LeaseLost(AuthorityLost):
    """Ours ran out or was taken: another process may be writing by now."""
