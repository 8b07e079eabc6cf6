"""One look at how far each pair's mirror is behind, and at what its keys wait for.

The age comes from the mirror's own metric of the pair. Where the mirror wrote none, Lambda's `IteratorAge` of
the function says how far it is behind at most, over all pairs. The time is AWS's, from a reply: this
machine's clock may be off, and a window of its minutes would then miss the datapoints.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from cutover.aws.kinesis_unsent import unsent
from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.metrics import series
from cutover.aws.queue_facts import backlog
from cutover.aws.session import Aws
from cutover.aws.status_owed import owed_facts
from cutover.aws.status_tables import TablesReader
from cutover.aws.table_facts import last_problem
from cutover.aws.unread import Unread
from cutover.control.deployment import Deployment
from cutover.control.lag import Looked, Reading
from cutover.control.status_facts import Backlog, OwedFacts
from cutover.tables.ledger_rows import PACE
from cutover.tables.pairs import TablePair

OURS = "cutover"
"""The namespace of the functions' metrics."""
RECENT = 15 * 60.0
TABLE_STREAM = 24 * 3600.0
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"""
MINUTE, FIVE_MINUTES, HOUR = 60, 300, 3600


@dataclass(frozen=True)
class LagFacts:
    """Each pair's mirror, what is owed to its target, and the dead letters, which all pairs share."""

    at: float
    pairs: Mapping[str, Looked]
    owed: Mapping[str, OwedFacts | None] = field(default_factory=dict)
    dead: Backlog | None = None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class LagReader:
    """Reads a deployment again and again; `pairs` are those to look at."""

    aws: Aws
    deployment: Deployment
    pairs: tuple[TablePair, ...]

    def look(self) -> LagFacts:
        """What AWS refuses is named in `unread` and left unknown. Raises BotoCoreError where none answers."""
        unread = Unread()
        cloudwatch = self.aws.client("cloudwatch", attempts=3)
        sqs = self.aws.client("sqs", attempts=3)
        at = self._now(sqs)
        ledger = LedgerReader(self.aws.client("dynamodb", attempts=3), self.deployment.output("LedgerTable"))
        tables = TablesReader(self.aws, ledger, unread, int(at))
        function = self.deployment.output("MirrorTableFunction")
        mappings = unread.attempt("the stream mappings", tables.mappings, function)
        metrics = _Metrics(cloudwatch, function, at, unread)
        looked = {pair.id: self._pair(pair, tables, mappings, metrics, ledger, unread) for pair in self.pairs}
        owed = {
            pair.id: unread.attempt(
                f"what is owed to {pair.id}", owed_facts, self._client, ledger.table, pair.id, int(at)
            )
            for pair in self.pairs
        }
        url = self.deployment.output("RetryDeadLetterQueueUrl")
        dead = unread.attempt("the retry dead-letter queue", backlog, sqs, cloudwatch, url, int(at))
        return LagFacts(at, looked, owed, dead, tuple(unread.notes))

    def _client(self, service: str) -> Any:
        return self.aws.client(service, attempts=3)

    def _now(self, sqs: Any) -> float:
        reply = sqs.get_queue_attributes(
            QueueUrl=self.deployment.output("RetryQueueUrl"), AttributeNames=["QueueArn"]
        )
        return time_of(reply)

    def _pair(
        self,
        pair: TablePair,
        tables: TablesReader,
        mappings: list[dict[str, Any]] | None,
        metrics: _Metrics,
        ledger: LedgerReader,
        unread: Unread,
    ) -> Looked:
        mapping = tables.mapping(pair, mappings or [], self.deployment)
        pace = unread.attempt(f"the pace of {pair.id}", ledger.row, f"pair#{pair.id}", PACE) or {}
        stream = str(mapping.get("EventSourceArn", ""))
        keeps = self._keeps(stream, unread)
        readings, shared = metrics.of(pair.id, keeps)
        age = int(mapping.get("MaximumRecordAgeInSeconds") or -1)
        return Looked(
            at=metrics.at,
            readings=readings,
            shared=shared and len(self.pairs) > 1,
            mapping=mapping.get("State") if mappings is not None else "Enabled",
            problem=last_problem(mapping),
            held=str(pace.get("reason", "")) if pace.get("paused") else None,
            gives_up=float(age) if age > 0 else math.inf,
            keeps=keeps,
            unsent=self._unsent(pair, stream, metrics, unread),
        )

    def _unsent(self, pair: TablePair, stream: str, metrics: _Metrics, unread: Unread) -> int:
        """A table's metrics are its account's: through a role nobody sees them."""
        if not _is_kinesis(stream) or self.deployment.parameter("SourceRoleArn"):
            return 0
        what = f"what {pair.source.name} did not send"
        return unread.attempt(what, unsent, metrics.cloudwatch, pair.source.name, metrics.at) or 0

    def _keeps(self, stream: str, unread: Unread) -> float:
        """Seconds for which the stream keeps a record; a day, the least there is, where nobody says."""
        if not _is_kinesis(stream):
            return TABLE_STREAM
        kinesis = self.aws.client("kinesis", attempts=3)
        reply = unread.attempt(
            "how long the Kinesis stream keeps records",
            lambda: kinesis.describe_stream_summary(StreamARN=stream)["StreamDescriptionSummary"],
        )
        return float(reply["RetentionPeriodHours"]) * HOUR if reply else TABLE_STREAM


@dataclass(frozen=True)
class _Metrics:
    cloudwatch: Any
    function: str
    at: float
    unread: Unread

    def of(self, pair: str, keeps: float) -> tuple[tuple[Reading, ...], bool]:
        """The readings of the last minutes, or else the last one of all that a stream still has; and whether
        they are the whole function's. A period is as short as 1,440 datapoints of a reply allow:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html"""
        long = FIVE_MINUTES if keeps <= 1440 * FIVE_MINUTES else HOUR
        for seconds, period in ((RECENT, MINUTE), (min(keeps, 1440.0 * HOUR), long)):
            for shared in (False, True):
                if found := self._read(pair, seconds, period, shared=shared):
                    return (found if seconds == RECENT else found[-1:]), shared
        return (), False

    def _read(self, pair: str, seconds: float, period: int, *, shared: bool) -> tuple[Reading, ...]:
        name = self.function.rsplit(":function:", 1)[-1].partition(":")[0]
        which = (
            ("AWS/Lambda", "IteratorAge", {"FunctionName": name}, 1000.0)
            if shared
            else (OURS, "MirrorLagSeconds", {"pair": pair}, 1.0)
        )
        namespace, metric, dimensions, per_second = which
        found = self.unread.attempt(
            f"the metric {metric}",
            lambda: series(self.cloudwatch, namespace, metric, dimensions, self.at, seconds, period),
        )
        return tuple(Reading(at, value / per_second) for at, value in found or ())


def _is_kinesis(stream: str) -> bool:
    return stream.split(":")[2:3] == ["kinesis"]


def time_of(reply: Mapping[str, Any]) -> float:
    """AWS's time of a reply, in epoch seconds; this machine's where the reply does not say."""
    said = reply.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return parsedate_to_datetime(said).timestamp()
    except (TypeError, ValueError):
        return datetime.now(UTC).timestamp()
