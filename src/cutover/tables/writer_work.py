"""What somebody who writes a pair holds in hand while threads do the writing."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from cutover.tables.copying import Copying
from cutover.tables.governor import Governor
from cutover.tables.leasing import HeldLease


@dataclass(frozen=True)
class WriterWork:
    """`tick` renews the lease, looks at pace and pause, and halts where somebody asked for an end; it raises
    TableFault. `halt` stops the threads."""

    copying: Copying
    governor: Governor
    lease: HeldLease
    stop: threading.Event

    def tick(self) -> None:
        self.lease.renew()
        if self.lease.stop_asked:
            self.halt()
        self.governor.refresh()

    def halt(self) -> None:
        self.stop.set()
        self.governor.release()
