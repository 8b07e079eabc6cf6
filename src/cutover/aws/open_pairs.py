"""A table pair opened for a command-line verb, with the rows of the ledger that belong to it."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cutover.aws.backfill_ledger import DynamoBackfillLedger, DynamoPaceBook
from cutover.aws.dynamo_table import DynamoTable
from cutover.aws.kinesis_destinations import kinesis_streams
from cutover.aws.leases import DynamoLeaseBook
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.aws.pair_ledger import PairLedger
from cutover.aws.pair_workers import PairWorkers
from cutover.aws.retry_queue import RetryQueue
from cutover.aws.session import Aws
from cutover.aws.sub_map import ledger_sub_map, open_transform
from cutover.aws.table_facts import mirror_problem, pair_facts
from cutover.aws.table_pairs import Roles, load_pairs, open_pair, paces_of
from cutover.aws.table_parts import unique_text
from cutover.control.deployment import Deployment
from cutover.errors import UsageError
from cutover.tables.backfill_rows import Run
from cutover.tables.governor import Paces
from cutover.tables.owing import Owing
from cutover.tables.pairs import TablePair
from cutover.tables.parking import Park
from cutover.tables.ports import ScannableTable
from cutover.tables.sweep import NewSubs
from cutover.tables.table_facts import TableFacts
from cutover.tables.transform import Transform
from cutover.tables.tuning import TUNING


def pairs_of(
    deployment: Deployment, aws: Aws, names: Sequence[str] = (), tables: Sequence[str] = ()
) -> tuple[TablePair, ...]:
    """The stack's pairs; only those of the ids `names` and of the source or target `tables`, if any is named.

    Raises UsageError where the stack has none, or none of a name.
    """
    pairs = load_pairs(deployment.parameters.get("Tables", ""), aws, roles_of(deployment))
    if not pairs:
        raise UsageError(
            f"stack {deployment.stack} has no table pairs",
            cause="its parameter Tables is empty",
            fix="name the pairs in the parameter Tables and deploy",
            next_command="cutover init",
        )
    wanted = [*names, *tables]
    unknown = [name for name in wanted if not any(_answers(pair, name) for pair in pairs)]
    if unknown:
        raise UsageError(
            f"no table pair answers to {', '.join(unknown)}",
            cause="the stack's pairs are " + ", ".join(pair.id for pair in pairs),
            fix="name a pair by its id, or by its source or target table",
        )
    return tuple(pair for pair in pairs if not wanted or any(_answers(pair, name) for name in wanted))


def _answers(pair: TablePair, name: str) -> bool:
    return name in {pair.id, pair.source.spec, pair.source.name, pair.target.spec, pair.target.name}


def roles_of(deployment: Deployment) -> Roles:
    """The roles that the stack's functions reach the tables by."""
    names = ("SourceRoleArn", "TargetRoleArn", "ExternalId")
    return Roles(*(deployment.parameter(name) for name in names))


@dataclass(frozen=True)
class OpenedPair:
    """Everything a verb needs of one pair. `source` and `target` go at `paces`."""

    pair: TablePair
    source: ScannableTable
    target: DynamoTable
    transform: Transform
    paces: Paces
    source_facts: TableFacts
    target_facts: TableFacts
    ledger: LedgerTable
    rows: PairLedger
    workers: PairWorkers
    owed: DynamoOwedBook
    new_subs: NewSubs | None
    """The map of subs, where keys of this pair may wait for users."""
    retry_queue: RetryQueue
    aws: Aws
    mirror_function: str
    kinesis_arns: tuple[str, ...] = ()
    """Where the source sends its changes beside its own stream, if the stack mirrors by way of Kinesis."""

    def mirror_problem(self, *, at_work: bool = False) -> str:
        """Why no mirror follows the source, or with `at_work` does not get on; empty where one does."""
        stream = self.source_facts.stream_arn
        return mirror_problem(self.aws, self.mirror_function, stream, self.kinesis_arns, at_work=at_work)

    @property
    def backfill_ledger(self) -> DynamoBackfillLedger:
        return DynamoBackfillLedger(self.ledger, self.pair.id)

    @property
    def park(self) -> Park:
        """Owes keys, and has the retry function look at them."""
        return Owing(self.owed, self.retry_queue.park, unique_text).park

    @property
    def pace_book(self) -> DynamoPaceBook:
        return DynamoPaceBook(self.ledger, self.pair.id)

    def lease_book(self) -> DynamoLeaseBook:
        """One for all verbs that write: each may find pages that the other one is about to write."""
        return DynamoLeaseBook(self.ledger, self.pair.id, "writer")


def open_for_work(
    pair: TablePair, deployment: Deployment, aws: Aws, roles: Roles, threads: int
) -> OpenedPair:
    """Opens `pair` for so many threads. Raises TableFault, UsageError."""
    paces = paces_of(pair)
    source, target = open_pair(
        pair,
        aws,
        roles,
        source_pace=paces.source_read,
        target_read_pace=paces.target_read,
        target_pace=paces.target_write,
        max_connections=threads + 2,
    )
    source_facts, target_facts = pair_facts(pair, source, target, aws, roles)
    ledger = deployment.output("LedgerTable")
    client = _quick(aws, "dynamodb", threads + 2)
    rows = LedgerTable(client, ledger)
    subs = deployment.parameter("SubMapTableArn") or ledger
    return OpenedPair(
        pair=pair,
        source=source,
        target=target,
        transform=open_transform(pair, source, target, aws, subs, max_connections=threads + 2),
        paces=paces,
        source_facts=source_facts,
        target_facts=target_facts,
        ledger=rows,
        rows=PairLedger(client, ledger),
        workers=PairWorkers(client, ledger),
        owed=DynamoOwedBook(rows),
        new_subs=ledger_sub_map(aws, subs) if pair.subs else None,
        retry_queue=RetryQueue(_quick(aws, "sqs", threads + 2), deployment.output("RetryQueueUrl")),
        aws=aws,
        mirror_function=deployment.output("MirrorTableFunction"),
        kinesis_arns=kinesis_streams(pair.source, deployment, aws, roles),
    )


def ledger_of(deployment: Deployment, aws: Aws) -> LedgerTable:
    """The stack's ledger, without a pair."""
    return LedgerTable(_quick(aws, "dynamodb", 2), deployment.output("LedgerTable"))


def _quick(aws: Aws, service: str, connections: int) -> Any:
    return aws.client(
        service,
        connect_timeout=TUNING.connect_timeout,
        read_timeout=TUNING.read_timeout,
        attempts=3,
        max_connections=connections,
    )


def new_run(segments: int) -> Run:
    """A run that begins now; its id sorts by time."""
    now = int(time.time())
    return Run(time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now)) + f"-{secrets.token_hex(3)}", segments, now)


def owner() -> str:
    """This process, as a lease names it."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
