"""A lease: the word of a writer (a command line, or an execution of the state machine) that it may be writing
a pair right now.

It blocks the switch and a second writer. A lease is over when its holder gave it back, or when it was not
renewed for its length: judged by the watcher's own clock, so that clocks need not agree. All workers of an
execution are one holder: they know its name and renew the one lease together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cutover.tables.ports import AuthorityLost

LEASE_SECONDS = 30.0
"""A writer that was killed blocks the next one for that long; its own writes stop earlier (`MARGIN`)."""
MARGIN = 10.0
"""A holder that could not renew stops this long before others may think it dead: a slice takes less."""
EXECUTION_SECONDS = 60.0
"""The length where nobody renews between two invocations: a function that starts cold, or is throttled and
called again."""
LONGEST_SKEW = 600.0
"""Two clocks that AWS takes signatures from are less than 5 minutes off each, so a lease that ran out
longer ago than this is over without being watched."""


@dataclass(frozen=True)
class LeaseRow:
    """`owner` is who holds it: a process (host, process, a random part) or the ARN of an execution. Times are
    epoch seconds; who sees no renewal for `seconds` may take it. `stop` is set by who asks for an end."""

    verb: str
    owner: str
    since: float
    expires_at: float
    seconds: float = LEASE_SECONDS
    stop: bool = False


class LeaseBook(Protocol):
    """The one lease of a pair's writers; raises TableFault when the ledger is at fault."""

    def read(self) -> LeaseRow | None: ...

    def claim(self, row: LeaseRow, over: LeaseRow | None) -> bool:
        """Writes `row` where the book holds `over` (None: nothing); False where it holds something else."""

    def renew(self, row: LeaseRow) -> LeaseRow | None:
        """Sets `expires_at` and `seconds` where `row.owner` holds the lease: the lease as it is then, None
        where somebody else holds it, or nobody."""

    def ask_to_stop(self, owner: str) -> bool:
        """Sets `stop` where `owner` holds the lease; False where it does not."""

    def give_back(self, row: LeaseRow) -> None:
        """Removes the lease where it is still ours."""


class LeaseLost(AuthorityLost):
    """Ours ran out or was taken: another process may be writing by now."""
