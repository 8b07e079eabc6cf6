"""The backfill engine as a process that may be killed and goes on where it stood.

URL FOLDER THREADS SEGMENTS STORM SEED
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from cutover.aws.backfill_ledger import DynamoBackfillLedger
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.open_pairs import new_run
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.aws.retry_queue import RetryQueue
from cutover.aws.session import Aws
from cutover.aws.table_parts import unique_text
from cutover.tables.backfill_rows import Run, RunState
from cutover.tables.owing import Owing
from tests.bench.ours import Ours
from tests.dynamodb_local import REGION
from tests.faulty_wire import FaultyWire, everywhere
from tests.million.queue_file import QueueFile
from tests.million.world import LEDGER, PAIR, SOURCE, TARGET, Folder, storm

FAULTS = {"lost": 0.01, "late": 0.005, "expired": 0.0002, "throttled": 0.3, "halved": 0.3}


def main() -> None:
    url, folder_name, threads, segments, every, seed = sys.argv[1:]
    folder = Folder(Path(folder_name))
    everywhere(
        FaultyWire(
            {SOURCE, TARGET}, FAULTS, random.Random(int(seed)), now=lambda fault: storm(fault, float(every))
        )
    )
    everywhere(QueueFile(folder.queue), "sqs")
    aws = Aws(region=REGION, endpoint_url=url)
    rows = LedgerTable(aws.client("dynamodb", attempts=3), LEDGER)
    queue = RetryQueue(aws.client("sqs"), f"{url}/000000000000/retry")
    park = Owing(DynamoOwedBook(rows), queue.park, unique_text).park
    run = begun(DynamoBackfillLedger(rows, PAIR.id)) or new_run(int(segments))
    Ours(url, REGION, PAIR, LEDGER, int(threads), park).backfill(run)


def begun(ledger: DynamoBackfillLedger) -> Run | None:
    open_ = [run for run in ledger.runs() if run.state is not RunState.DONE]
    return open_[-1] if open_ else None


if __name__ == "__main__":
    main()
