"""How fast a verify reads: at its own pace, and never at more than its part of what was set for the pair."""

from __future__ import annotations

import time
from collections.abc import Callable

from cutover.tables.governor import SEEN_SECONDS, Paces, PairRows
from cutover.tables.limits import WHOLE, Limit, Part, least, limit_of_pair, others_of
from cutover.tables.shares import Count, Workers, verify_part


class VerifyPace:
    """`refresh` is called every few seconds as long as it reads, and `leave` when it has done so.

    `own` are the limits on the source and on the target that it has where the pair has none; `clock` gives
    epoch seconds.
    """

    def __init__(
        self,
        pair_id: str,
        member: str,
        rows: PairRows,
        workers: Workers,
        paces: Paces,
        own: tuple[Limit, Limit],
        *,
        stop: Callable[[], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._pair_id, self._member = pair_id, member
        self._rows, self._workers, self._clock = rows, workers, clock
        self._reads, self._own = (paces.source_read, paces.target_read), own
        self._stop = stop
        self._count, self._joined = Count(), False
        for pace in self._reads:
            pace.until(stop)

    def refresh(self) -> None:
        """Goes by what the ledger says now. Raises TableFault."""
        units = self._rows.state(self._pair_id).read_units
        of_pair = limit_of_pair(units, WHOLE.reads if units is None else self._part())
        for pace, own in zip(self._reads, self._own, strict=True):
            if not self._stop():
                limit = least(of_pair, own)
                pace.change(limit.units, limit.because)

    def why(self) -> str:
        """Why it is not faster, for a person; empty where nothing holds it."""
        named = zip(("source reads", "target reads"), self._reads, strict=True)
        return ", ".join(f"{name} {why}" for name, pace in named if (why := pace.why()))

    def leave(self) -> None:
        """It counts on until what it owes is worked off; one that was stopped is forgotten after a minute."""
        if not self._joined or self._stop():
            return
        now = self._clock()
        until = now + min(max(pace.arrears for pace in self._reads), SEEN_SECONDS)
        self._workers.leave_verify(self._pair_id, self._member, until, now)

    def _part(self) -> Part:
        now = self._clock()
        until = now + SEEN_SECONDS
        self._joined = True
        self._count.ask(
            now, until, lambda: self._workers.join_verify(self._pair_id, self._member, until, now)
        )
        at_work = self._count.at_work
        part = verify_part(at_work, now, noticed=self._count.noticed(now))
        return Part(part, others_of(at_work, verify=True))
