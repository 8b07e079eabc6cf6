"""An update without a condition, sent and looked at until it shows.

Neither UpdateUserPool nor UpdateUserPoolClient has a condition: two writers do not see each other. So what is
updated is described before each attempt and refused where it moved, and described after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cutover.control.pool_ports import UpdateRefused, UpdateUncertain
from cutover.errors import PartlyDone

ATTEMPTS = 4
"""How often an update is sent whose outcome is unknown; each time it is described first."""
PAUSE_SECONDS = 1.0
"""Before the second look and attempt; doubled each time. Waits come before a look, never behind it."""
LOOKS = 4
"""Descriptions after an update, until one shows it: a description may lag."""

Sleep = Callable[[float], None]
State = TypeVar("State")


@dataclass(frozen=True)
class Watched(Generic[State]):
    """`name` is what is updated; `moved` raises InterlockRefused where somebody else changed it."""

    name: str
    send: Callable[[], None]
    look: Callable[[], State]
    shows: Callable[[State], bool]
    moved: Callable[[State], None]

    def run(self, sleep: Sleep) -> State:
        """What it looks like afterwards.

        Raises what `moved` does; UpdateRefused where AWS said no at the first attempt, and the refusal's own
        error at a later one; PartlyDone where it stays unknown whether the update was done.
        """
        for attempt in range(ATTEMPTS):
            try:
                self.send()
            except UpdateRefused as refused:
                if attempt == 0:
                    raise
                raise refused.error from refused
            except UpdateUncertain as uncertain:
                sleep(PAUSE_SECONDS * 2**attempt)
                seen = self._seen(sleep)
                if self.shows(seen):
                    return seen
                self.moved(seen)
                reason = uncertain
            else:
                return self._seen(sleep)
        raise PartlyDone(
            f"it is unknown whether the {self.name} was updated",
            cause=f"{ATTEMPTS} times: {reason}",
            fix="run the same command again: it looks first, and goes on from what it finds",
        )

    def _seen(self, sleep: Sleep) -> State:
        state = self.look()
        for look in range(1, LOOKS):
            if self.shows(state):
                break
            sleep(PAUSE_SECONDS * look)
            state = self.look()
        return state
