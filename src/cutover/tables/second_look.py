"""What has been owed for long is looked at once more, whatever became of its message.

Whoever dies between a row and its message leaves a row that nobody works off, and a message ends in the
dead-letter queue after some hours while its row stays. So the rows are gone through again and again, so many
in one run, and for each a message is sent that asks for one look. The message is a hint as any other is: the
row goes only by a converge that verified after its writes, and only if it is still the failure that was read
here. A look that does not succeed leaves the row to the next pass, and no message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cutover.tables.authority import Direction, PairState, Verdict, judge
from cutover.tables.owed import Owed, OwedBook
from cutover.tables.parking import Park, Reason, RetryMessage
from cutover.tables.tuning import TUNING, Tuning


@dataclass(frozen=True)
class Looks:
    """Where the pass over one pair's rows stands ("" is its beginning), and what this run did."""

    place: str = ""
    read: int = 0
    sent: int = 0
    """Messages: one for each row."""


@dataclass(frozen=True)
class SecondLook:
    """`send` sends a message whose keys are owed already. `clock` gives epoch seconds."""

    book: OwedBook
    send: Park
    clock: Callable[[], float]
    tuning: Tuning = TUNING

    def run(self, pair_id: str, state: PairState, place: str, stop: Callable[[], bool], rows: int) -> Looks:
        """Goes on from `place` for about `rows` rows, to the end of the pass at most.

        Of a pair that is held nothing is sent, or the messages of a long pause would pile up. Each message
        comes after the delay of a lost write: whatever was on its way when its row was read can land no
        longer when the look begins. Raises TableFault, NotParked; then the next run goes on from `place` too.
        """
        looks = Looks(place)
        if stop():
            return looks
        for page, behind in self.book.pages(pair_id, place=place):
            if any(row.reason == Reason.UNMAPPED for row in page):  # the last ones, and the sweep's
                break
            due = [row for row in page if self._due(row, state)]
            for row in due:
                self.send(_message(row), self.tuning.ambiguous_delay)
            looks = Looks(behind, looks.read + len(page), looks.sent + len(due))
            if not behind or looks.read >= rows or stop():
                return looks
        return Looks("", looks.read, looks.sent)

    def _due(self, row: Owed, state: PairState) -> bool:
        return (
            bool(row.keys)
            and row.direction == Direction.FORWARD
            and self.clock() - row.since >= self.tuning.second_look
            and judge(state, row.direction, row.epoch) is not Verdict.HOLD
        )


def _message(row: Owed) -> RetryMessage:
    return RetryMessage(
        row.pair, row.direction, row.epoch, row.keys, row.since, row.reason, owed=row.name, once=True
    )
