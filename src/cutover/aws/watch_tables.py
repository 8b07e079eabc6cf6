"""The watch's part of the tables: it sends for what has been owed for long, takes in lost batches, sweeps for
users, and counts what is owed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from cutover.aws.failure_bucket import FailureBucket
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.look_book import LookBook
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.aws.pair_ledger import PairLedger
from cutover.aws.retry_queue import RetryQueue
from cutover.aws.session import Aws
from cutover.aws.sub_map import ledger_sub_map
from cutover.aws.sweep_book import SweepBook
from cutover.aws.table_pairs import load_pairs
from cutover.aws.table_parts import unique_text
from cutover.control.watch_settings import WatchedTables
from cutover.tables.ingest import Ingested, Intake
from cutover.tables.owed import OwedSummary
from cutover.tables.owing import Owing
from cutover.tables.pairs import TablePair
from cutover.tables.parts import Ledger
from cutover.tables.second_look import Looks, SecondLook
from cutover.tables.sweep import NewSubs, Sweep, Sweeper

SWEPT_ROWS = 20_000
"""Rows of one pair that a run looks at."""
LOOKED_ROWS = 500
"""Rows of one pair that a run sends for again, a message each."""
SUBS_PER_SECOND = 500.0
"""How fast a sweep asks for subs, a read unit each: the ledger serves sign-ins first."""

Stop = Callable[[], bool]


@dataclass(frozen=True)
class TablesWatch:
    """One deployment's. Every method raises TableFault, and all but `owed` also NotParked."""

    pairs: tuple[TablePair, ...]
    intake: Intake
    ledger: Ledger
    book: DynamoOwedBook
    sweeper: Sweeper
    places: SweepBook
    second_look: SecondLook
    look_places: LookBook

    def take_in(self, stop: Stop) -> Ingested:
        """What the failure bucket holds becomes owed."""
        return self.intake.run(stop)

    def sweep(self, stop: Stop) -> Iterator[tuple[str, Sweep]]:
        """Goes on with the sweep of every pair: of one that holds no subs any longer, keys may wait still."""
        for pair in self.pairs:
            before, state = self.places.read(pair.id), self.ledger.state(pair.id)
            after = self.sweeper.run(pair.id, state, before, stop, SWEPT_ROWS)
            self.places.save(pair.id, after)
            yield pair.id, after

    def send_again(self, stop: Stop) -> Iterator[tuple[str, Looks]]:
        """A message for each row that has been owed for long; goes on where the last run stopped."""
        for pair in self.pairs:
            state, place = self.ledger.state(pair.id), self.look_places.read(pair.id)
            looks = self.second_look.run(pair.id, state, place, stop, LOOKED_ROWS)
            if looks.place != place:
                self.look_places.save(pair.id, looks.place)
            yield pair.id, looks

    def owed(self) -> Iterator[tuple[str, OwedSummary]]:
        """What each pair's target is owed now."""
        for pair in self.pairs:
            yield pair.id, self.book.summary(pair.id)


@dataclass(frozen=True)
class PacedSubs:
    """Asks no faster than so many subs a second."""

    subs: NewSubs
    per_second: float
    sleep: Callable[[float], object]

    def new_subs(self, old_subs: Collection[str]) -> Mapping[str, str]:
        found = self.subs.new_subs(old_subs)
        self.sleep(len(old_subs) / self.per_second)
        return found

    def old_subs(self, new_subs: Collection[str]) -> Mapping[str, str]:
        found = self.subs.old_subs(new_subs)
        self.sleep(len(new_subs) / self.per_second)
        return found


def tables_watch(
    settings: WatchedTables, ledger_table: str, aws: Aws, now: Callable[[], float]
) -> TablesWatch:
    """Raises what reading the pairs may raise; nothing else is called yet."""
    dynamodb, sqs, s3 = (aws.client(name, attempts=3) for name in ("dynamodb", "sqs", "s3"))
    rows = LedgerTable(dynamodb, ledger_table)
    ledger, book = PairLedger(dynamodb, ledger_table), DynamoOwedBook(rows)
    send = RetryQueue(sqs, settings.retry_queue_url).park
    owing = Owing(book, send, unique_text)
    pairs = load_pairs(settings.tables, aws)
    bucket = FailureBucket(s3, settings.failure_bucket, rows, now)
    subs = PacedSubs(ledger_sub_map(aws, settings.sub_map_table), SUBS_PER_SECOND, time.sleep)
    return TablesWatch(
        pairs=pairs,
        intake=Intake(pairs, bucket, ledger, book, owing, now),
        ledger=ledger,
        book=book,
        sweeper=Sweeper(book, subs, owing.park, now),
        places=SweepBook(rows),
        second_look=SecondLook(book, send, now),
        look_places=LookBook(rows),
    )
