"""On DynamoDB Local: workers die, the queue forgets, batches are given up; a redrive makes it all right."""

from __future__ import annotations

import json
import os
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cutover.aws.backfill_ledger import DynamoBackfillLedger
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.table_parts import unique_text
from cutover.handlers.table_function import parts_here
from cutover.tables.authority import Authority
from cutover.tables.copying import Copying
from cutover.tables.ingest import Intake
from cutover.tables.owing import Owing
from cutover.tables.parking import RetryMessage
from cutover.tables.parts import TableParts
from cutover.tables.patience import Patience
from cutover.tables.ports import TableFault
from cutover.tables.redrive import NO_KEY, Batches, Redrive
from cutover.tables.transform import IDENTITY
from tests.fakes.backfill import OpenGate
from tests.fakes.failures import FakeFailureStore, lost_object
from tests.tables.racing import KEYS, Crash, Dice, application, fragile, key, until_done
from tests.tables.test_racing import CRASHES, Race, backfill, deliver, race

pytestmark = pytest.mark.dynamodb_local
__all__ = ["race"]


@dataclass
class Forgetful(Race):
    """Half of the messages are forgotten, and a batch may end in the failure bucket."""

    store: FakeFailureStore = field(default_factory=FakeFailureStore)

    def parts(self) -> TableParts:
        return replace(super().parts(), park=Owing(parts_here().owed, self.send, unique_text).park)

    def send(self, message: RetryMessage, _delay: int) -> None:
        if self.dice.chance(0.5):
            self.letters.append(message)

    @property
    def pair(self) -> str:
        return f"{self.source}={self.target}"

    def ingest(self) -> None:
        """As the watch does it."""
        parts = parts_here()
        owing = Owing(parts.owed, self.send, unique_text)
        intake = Intake(parts.pairs, self.store, parts.ledger, parts.owed, owing, time.time)
        intake.run(lambda: False)

    def redrive(self) -> Redrive:
        """By a process whose tables die now and then."""
        parts = parts_here()
        tables = parts.open(parts.pairs[0], parts.ledger.state(self.pair))
        breaking = fragile(tables, self.dice, self.crashes, CRASHES)
        rows = LedgerTable(self.client, os.environ["LEDGER_TABLE"])
        work = Copying(
            pair_id=self.pair,
            epoch=0,
            source=breaking.source,  # type: ignore[arg-type]
            target=breaking.target,
            transform=IDENTITY,
            permit=parts.ledger.permit(self.pair, "forward", 0),
            ledger=DynamoBackfillLedger(rows, self.pair),
            park=Owing(parts.owed, self.send, unique_text).park,
            gate=OpenGate(),
            patience=Patience(budget=0),
        )
        return Redrive(
            work,
            parts.owed,
            self.send,
            unique_text,
            Authority("source", "forward", 0),
            None,
            parts.ledger.count,
        )


def pump(race: Forgetful, writing: threading.Event, pool: ThreadPoolExecutor) -> None:
    """Some batches are given up, the others delivered."""
    workers: list[Future[None]] = []
    quiet = 0
    while writing.is_set() or quiet < 3:
        records = race.stream.read()
        quiet = 0 if records else quiet + 1
        for start in range(0, len(records), 9):
            batch = records[start : start + 9]
            if race.dice.chance(0.25):
                race.store.objects[unique_text()] = lost_object(json.loads(json.dumps(batch)))
            else:
                workers.append(pool.submit(deliver, race, batch))
        time.sleep(0.02)
    for worker in workers:
        worker.result()


@pytest.mark.parametrize("race", [1], indirect=True)
def test_a_key_that_does_not_fit_the_table_is_answered_as_a_redrive_expects(race: Race) -> None:
    with pytest.raises(TableFault) as caught:
        race.table(race.source).get([{"another": {"S": "x"}}])
    assert caught.value.reason == NO_KEY


@pytest.mark.parametrize("race", [1, 2], indirect=True)
def test_what_the_queue_forgot_and_lambda_gave_up_converges_by_a_redrive(race: Race) -> None:
    forgetful = Forgetful(**vars(race))
    for n in range(KEYS):
        race.client.put_item(TableName=race.source, Item={**key(n), "n": {"N": "0"}})
    writing = threading.Event()
    writing.set()
    with ThreadPoolExecutor(12) as pool:
        writers = [
            pool.submit(application, race.client, race.source, 90, Dice(race.dice.seed * 10 + n))
            for n in range(2)
        ]
        others: list[Future[Any]] = [
            pool.submit(pump, forgetful, writing, pool),
            pool.submit(backfill, forgetful),
        ]
        wait(writers)
        writing.clear()
        wait(others)
    assert [future.exception() for future in (*writers, *others)] == [None] * 4
    forgetful.ingest()
    book = parts_here().owed
    assert book.summary(forgetful.pair).keys["lost"] > 0

    def redriven() -> bool:
        try:
            Batches(forgetful.redrive(), (None,)).work_off()
        except Crash:
            return False
        return book.summary(forgetful.pair).total == 0

    until_done(redriven)
    assert forgetful.crashes != []
    assert forgetful.items(race.source) == forgetful.items(race.target)
