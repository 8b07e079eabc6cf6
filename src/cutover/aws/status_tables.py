"""The tables' half of a status: mappings, lag, queues, the failure bucket, backfills and verifies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cutover.aws.kinesis_destinations import kinesis_streams
from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.metrics import iterator_age
from cutover.aws.open_pairs import roles_of
from cutover.aws.queue_facts import backlog
from cutover.aws.session import Aws
from cutover.aws.status_owed import bucket_waits, owed_facts
from cutover.aws.table_facts import last_problem
from cutover.aws.unread import Unread
from cutover.control.deployment import Deployment
from cutover.control.status_facts import (
    BackfillFacts,
    Backlog,
    OwedFacts,
    PaceFacts,
    PairFacts,
    TablesFacts,
    VerifyFacts,
)
from cutover.tables.backfill_rows import backfill_pk, segment_pks
from cutover.tables.ledger_rows import AUTHORITY, PACE, WORKERS
from cutover.tables.pairs import TablePair

ALIAS = "live"


@dataclass(frozen=True)
class TablesReader:
    """What AWS refuses is noted in `unread` and left unknown."""

    aws: Aws
    ledger: LedgerReader
    unread: Unread
    at: int

    def read(self, pairs: tuple[TablePair, ...], deployment: Deployment) -> TablesFacts:
        """The mirror of a stack and its pairs."""
        function = deployment.output("MirrorTableFunction")
        mappings = self.unread.attempt("the stream mappings", lambda: self.mappings(function)) or []
        return TablesFacts(
            pairs=tuple(self._pair(pair.id, self.mapping(pair, mappings, deployment)) for pair in pairs),
            iterator_age=self.unread.attempt(
                "the iterator age",
                lambda: iterator_age(self.aws.client("cloudwatch", attempts=3), function, self.at),
            ),
            parked=self._queue(deployment.output("RetryQueueUrl"), "the retry queue"),
            dead=self._queue(deployment.output("RetryDeadLetterQueueUrl"), "the retry dead-letter queue"),
            failures=self.unread.attempt(
                "the failure bucket", lambda: self._holds_objects(deployment.output("FailureBucket"))
            ),
        )

    def read_ledger(self) -> TablesFacts | None:
        """What the ledger alone knows, for the day the stack is gone: the pairs that were ever backfilled."""
        names = self.unread.attempt(
            "the backfills",
            lambda: sorted(
                {str(row["pk"]).removeprefix("backfill#") for row in self.ledger.listed("backfill")}
            ),
        )
        if not names:
            return None
        return TablesFacts(pairs=tuple(self._pair(name, {}) for name in names), mirror_known=False)

    def _pair(self, pair_id: str, mapping: dict[str, Any]) -> PairFacts:
        authority = self._row(f"pair#{pair_id}", AUTHORITY) or {}
        pace = self._row(f"pair#{pair_id}", PACE) or {}
        verify = self._row(f"verify#{pair_id}", "last")
        return PairFacts(
            pair=pair_id,
            ruler=str(authority.get("ruler", "source")),
            paused=str(pace.get("reason", "")) if pace.get("paused") else None,
            pace=_pace(pace, self._row(f"pair#{pair_id}", WORKERS) or {}),
            mapping=mapping.get("State"),
            mapping_problem=last_problem(mapping),
            backfill=self.unread.attempt(f"the backfill of {pair_id}", lambda: self._backfill(pair_id)),
            verify=_verify(verify) if verify else None,
            owed=self.unread.attempt(f"what {pair_id} is owed", lambda: self._owed(pair_id)),
        )

    def _owed(self, pair_id: str) -> OwedFacts:
        return owed_facts(self._client, self.ledger.table, pair_id, self.at)

    def _client(self, service: str) -> Any:
        return self.aws.client(service, attempts=3)

    def _row(self, pk: str, sk: str) -> dict[str, Any] | None:
        return self.unread.attempt(f"the ledger's row {pk} {sk}", lambda: self.ledger.row(pk, sk))

    def _backfill(self, pair_id: str) -> BackfillFacts | None:
        runs = sorted(
            self.ledger.rows(backfill_pk(pair_id), "run#"), key=lambda row: row.get("started_at", 0)
        )
        if not runs:
            return None
        run = runs[-1]
        run_id = str(run["sk"]).removeprefix("run#")
        pace = self.ledger.row(f"pair#{pair_id}", "backfill_pace") or {}
        segments = [row for pk in segment_pks(pair_id) for row in self.ledger.rows(pk, f"segment#{run_id}#")]
        return BackfillFacts(
            run_id=run_id,
            state=str(run.get("state", "")),
            segments=int(run.get("segments", len(segments))),
            segments_done=sum(1 for row in segments if row.get("done")),
            items=sum(int(row.get("items", 0)) for row in segments) or int(run.get("items", 0)),
            started_at=int(run.get("started_at", 0)),
            paused=str(pace.get("reason", "")) if pace.get("paused") else None,
            on_aws=bool(run.get("execution")),
            waits=str(run.get("why", "")),
            error=str(run.get("error", "")),
        )

    def mapping(
        self, pair: TablePair, mappings: list[dict[str, Any]], deployment: Deployment
    ) -> dict[str, Any]:
        """The mapping that follows the pair's source, by its own stream or by Kinesis; or an empty one."""
        if found := mapping_of(pair, mappings):
            return found
        streams = self.unread.attempt(
            f"where {pair.source.name} sends its changes",
            lambda: kinesis_streams(pair.source, deployment, self.aws, roles_of(deployment)),
        )
        return next((one for one in mappings if one.get("EventSourceArn") in (streams or ())), {})

    def mappings(self, function: str) -> list[dict[str, Any]]:
        """A mapping belongs to the alias it was made for; one of the bare function is seen too."""
        pages = self.aws.client("lambda", attempts=3).get_paginator("list_event_source_mappings")
        return [
            mapping
            for name in (f"{function}:{ALIAS}", function)
            for page in pages.paginate(FunctionName=name)
            for mapping in page["EventSourceMappings"]
        ]

    def _queue(self, url: str, name: str) -> Backlog | None:
        sqs, cloudwatch = self.aws.client("sqs", attempts=3), self.aws.client("cloudwatch", attempts=3)
        return self.unread.attempt(name, lambda: backlog(sqs, cloudwatch, url, self.at))

    def _holds_objects(self, bucket: str) -> bool:
        return bucket_waits(self._client, bucket)


def _pace(pace: dict[str, Any], workers: dict[str, Any]) -> PaceFacts:
    return PaceFacts(
        read_units=_units(pace.get("read_units")),
        write_units=_units(pace.get("write_units")),
        held_seconds=float(workers.get("seconds", 0)),
        held_at=float(workers.get("at", 0)),
        held_why=str(workers.get("why", "")),
    )


def _units(value: Any) -> float | None:
    """0 is no limit."""
    return float(value) if value else None


def mapping_of(pair: TablePair, mappings: list[dict[str, Any]]) -> dict[str, Any]:
    """The mapping on the pair's source stream (`…:table/<name>/stream/<label>`), or an empty one."""
    for mapping in mappings:
        table, found, _ = str(mapping.get("EventSourceArn", "")).partition("/stream/")
        if found and (
            table == pair.source.spec if pair.source.is_arn else table.endswith(f"/{pair.source.name}")
        ):
            return mapping
    return {}


def _verify(row: dict[str, Any]) -> VerifyFacts:
    numbers = ("compared", "missing", "different", "extra", "mirrored", "accepted", "refused", "in_flight")
    return VerifyFacts(
        finished_at=int(row.get("finished_at", 0)),
        mode=str(row.get("mode", "")),
        started_at=int(row.get("started_at", 0)),
        **{name: int(row.get(name) or 0) for name in numbers},
    )
