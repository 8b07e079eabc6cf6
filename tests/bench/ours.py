"""The project's own parts, put together as the command line and the mirror function put them."""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from cutover.aws.backfill_ledger import DynamoBackfillLedger
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.open_pairs import new_run
from cutover.aws.pair_ledger import PairLedger
from cutover.aws.session import Aws
from cutover.aws.table_pairs import open_pair
from cutover.tables.authority import DEFAULT, Direction
from cutover.tables.backfill_plan import default_segments
from cutover.tables.backfill_rows import Run
from cutover.tables.backfill_run import Crew, run_backfill
from cutover.tables.copying import Copying
from cutover.tables.pairs import TablePair
from cutover.tables.parking import Park, RetryMessage
from cutover.tables.patience import Patience
from cutover.tables.ports import AuthorityLost
from cutover.tables.recheck import Probing
from cutover.tables.transform import load
from cutover.tables.verification import Verification
from cutover.tables.verify import verify
from cutover.tables.verify_scan import Scanning


class NothingWaits:
    """A gate without an operator behind it; the ledger's own permit is asked all the same."""

    def ready(self) -> None:
        """Nobody pauses a benchmark."""

    def lost(self, fault: AuthorityLost) -> None:
        raise fault


def _park_nothing(message: RetryMessage, delay: int) -> None:
    raise AssertionError(f"{len(message.keys)} keys would be parked for {message.reason}")


def _open_file() -> BinaryIO:
    return cast("BinaryIO", tempfile.TemporaryFile())


@dataclass(frozen=True)
class Ours:
    """The pair on an engine at `endpoint`, worked by so many threads."""

    endpoint: str
    region: str
    pair: TablePair
    ledger: str
    threads: int
    park: Park = _park_nothing
    tables_client: Any = None
    """What the tables are called through; made where there is none."""

    def backfill(self, run: Run | None = None) -> Run:
        """The one-machine engine with a new run, or with one that goes on; all but lease and screen."""
        aws = Aws(region=self.region, endpoint_url=self.endpoint)
        clients = {(self.region, None): self.tables_client} if self.tables_client else None
        source, target = open_pair(self.pair, aws, max_connections=self.threads + 2, clients=clients)
        client = aws.client("dynamodb", attempts=3, max_connections=self.threads + 2)
        stop = threading.Event()
        work = Copying(
            pair_id=self.pair.id,
            epoch=DEFAULT.epoch,
            source=source,
            target=target,
            transform=load(self.pair),
            permit=PairLedger(client, self.ledger).permit(self.pair.id, Direction.FORWARD, DEFAULT.epoch),
            ledger=DynamoBackfillLedger(LedgerTable(client, self.ledger), self.pair.id),
            park=self.park,
            gate=NothingWaits(),
            patience=Patience(),
        )
        crew = Crew(
            workers=self.threads,
            stop=stop,
            release=lambda: None,
            beat=lambda run: None,
            say=lambda why: None,
            rng=random.Random(1),
        )
        return run_backfill(work, run or new_run(default_segments(self.threads, 0)), crew)

    def verify(self) -> None:
        """Raises AssertionError where the tables differ."""
        result = self.compare()
        assert result.differences == 0 < result.compared, result

    def compare(self) -> Verification:
        """A full verify, without what it keeps to be able to go on."""
        aws = Aws(region=self.region, endpoint_url=self.endpoint)
        source, target = open_pair(self.pair, aws, max_connections=self.threads + 2)
        probing = Probing(source, target, load(self.pair), Patience(), _open_file, spacing=0.1)
        scanning = Scanning(source, target, workers=self.threads, segments=self.threads * 4)
        return verify(scanning, probing)


def mirror_environment(endpoint: str, region: str, pair: TablePair, ledger: str) -> Mapping[str, str]:
    """What the mirror function reads; the queue is never used, for nothing of the benchmark is parked."""
    return {
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint,
        "LEDGER_TABLE": ledger,
        "RETRY_QUEUE_URL": f"{endpoint}/000000000000/retry",
        "TABLES": f'[{{"source": "{pair.source.spec}", "target": "{pair.target.spec}"}}]',
        "POWERTOOLS_LOG_LEVEL": "ERROR",
        "POWERTOOLS_METRICS_DISABLED": "true",
        "POWERTOOLS_SERVICE_NAME": "bench",
    }


class EndlessContext:
    """Lambda's context object, with time left."""

    aws_request_id = "bench"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 600_000


def mirror_through(handler: Callable[[Any, Any], Any], records: list[dict[str, Any]], batch: int) -> None:
    for start in range(0, len(records), batch):
        reply = handler({"Records": records[start : start + batch]}, EndlessContext())
        assert reply == {"batchItemFailures": []}, reply
