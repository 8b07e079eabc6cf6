"""To park is to owe: first the ledger's row, then the message that carries the row's name.

Whoever dies between the two leaves a row without a message: the keys are still with whoever parked them, and
a row too many does no harm; a redrive converges it. A message never stands for keys that the ledger does not
know of, so a queue that ages out loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cutover.tables.owed import Owed, OwedBook, owed_name
from cutover.tables.parking import NotParked, Park, Reason, RetryMessage
from cutover.tables.ports import TableFault


@dataclass(frozen=True)
class Owing:
    """`send` sends a message, `unique` gives a text that no process ever gives again."""

    book: OwedBook
    send: Park
    unique: Callable[[], str]

    def park(self, message: RetryMessage, delay: int) -> None:
        """A `Park`. A message that carries a name is owed already and is only sent. Keys that wait for a user
        are looked at when the user comes over, so no message is sent for them. Raises NotParked."""
        if message.owed:
            self.send(message, delay)
            return
        rows = self._rows(message)
        try:
            self.book.add(rows)
        except TableFault as fault:
            raise NotParked("the ledger of what is owed", fault.reason) from fault
        if message.reason != Reason.UNMAPPED:
            self.send(replace(message, owed=rows[0].name), delay)

    def _rows(self, message: RetryMessage) -> list[Owed]:
        if message.reason == Reason.UNMAPPED:
            whose = zip(message.keys, message.waits_for, strict=True)
            return [self._row(replace(message, keys=(key,)), sub) for key, sub in whose]
        return [self._row(message)]

    def _row(self, message: RetryMessage, waits_for: str = "") -> Owed:
        return Owed(
            name=owed_name(message.reason, message.keys, message.epoch, self.unique(), waits_for),
            pair=message.pair,
            direction=message.direction,
            epoch=message.epoch,
            keys=message.keys,
            reason=message.reason,
            since=message.first_parked_at,
            detail=message.detail,
            waits_for=waits_for,
        )
