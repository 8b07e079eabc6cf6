"""The mirror's and the retry's parts, from the environment of a function."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cutover.aws.ledger_table import LedgerTable
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.aws.pair_ledger import PairLedger
from cutover.aws.pair_workers import PairWorkers
from cutover.aws.retry_queue import RetryQueue
from cutover.aws.session import Aws
from cutover.aws.sub_map import open_transform
from cutover.aws.table_pairs import Place, Roles, load_pairs, open_pair, paces_of, table_client
from cutover.errors import UsageError
from cutover.tables.authority import PairState
from cutover.tables.owing import Owing
from cutover.tables.pair_pace import PairPace
from cutover.tables.pairs import TablePair
from cutover.tables.parts import OpenPair, TableParts
from cutover.tables.tuning import TUNING

_REQUIRED = ("TABLES", "LEDGER_TABLE", "RETRY_QUEUE_URL")


@dataclass(frozen=True)
class TableSettings:
    """The environment of the mirror and the retry function."""

    tables: str
    ledger_table: str
    retry_queue_url: str
    roles: Roles
    sub_map_table: str
    """The ledger whose map of subs counts: this one or, by its ARN, another stack's."""


def read_table_settings(environ: Mapping[str, str]) -> TableSettings:
    """Raises UsageError when a variable is missing."""
    missing = [name for name in _REQUIRED if not environ.get(name)]
    if missing:
        raise UsageError(
            f"the environment lacks {', '.join(missing)}", fix="deploy the stack with its table pairs"
        )
    tables, ledger, queue = (environ[name] for name in _REQUIRED)
    sub_map = environ.get("SUB_MAP_TABLE") or ledger
    return TableSettings(tables, ledger, queue, Roles.from_environ(environ), sub_map)


def table_parts(
    settings: TableSettings, aws: Aws, pairs: Callable[[], tuple[TablePair, ...]] | None = None
) -> TableParts:
    """Clients and tables are made once and kept; a table is opened when a record of its pair first comes.

    `pairs` gives the pairs of the setting, where somebody has read it already.
    """
    here = table_client(aws)
    queue = _retry_queue(settings, aws)
    book = DynamoOwedBook(LedgerTable(_patient(aws, "dynamodb"), settings.ledger_table))
    workers = PairWorkers(here, settings.ledger_table)
    return TableParts(
        pairs=pairs() if pairs else load_pairs(settings.tables, aws, settings.roles),
        ledger=PairLedger(here, settings.ledger_table),
        open=_Opener(aws, settings, {(aws.region, None): here}, workers),
        park=Owing(book, queue.park, unique_text).park,
        hide=queue.hide,
        clock=time.time,
        owed=book,
    )


def _retry_queue(settings: TableSettings, aws: Aws) -> RetryQueue:
    """The queue, whose client may try again: a message that is sent twice does no harm."""
    return RetryQueue(_patient(aws, "sqs"), settings.retry_queue_url)


def _patient(aws: Aws, service: str) -> Any:
    """A client that tries again; a lost reply here is no doubt about a user's item."""
    return aws.client(
        service, connect_timeout=TUNING.connect_timeout, read_timeout=TUNING.read_timeout, attempts=3
    )


def unique_text() -> str:
    """A text that no process gives twice."""
    return secrets.token_hex(8)


class _Opener:
    """Opens pairs and keeps them open, each with the paces of this environment."""

    def __init__(
        self, aws: Aws, settings: TableSettings, clients: dict[Place, Any], workers: PairWorkers
    ) -> None:
        self._aws = aws
        self._settings = settings
        self._clients = clients
        self._workers = workers
        self._member = secrets.token_hex(4)
        self._open: dict[TablePair, OpenPair] = {}

    def __call__(self, pair: TablePair, _state: PairState) -> OpenPair:
        # Not by its id: a pair of the same tables may have another transform by now.
        if pair not in self._open:
            self._open[pair] = self._new(pair)
        return self._open[pair]

    def _new(self, pair: TablePair) -> OpenPair:
        paces = paces_of(pair)
        source, target = open_pair(
            pair,
            self._aws,
            self._settings.roles,
            source_pace=paces.source_read,
            target_read_pace=paces.target_read,
            target_pace=paces.target_write,
            clients=self._clients,
        )
        transform = open_transform(pair, source, target, self._aws, self._settings.sub_map_table)
        return OpenPair(source, target, transform, PairPace(pair.id, paces, self._workers, self._member))
