"""What doctor saw of the table pairs: plain facts. None: it could not be read, or was not looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cutover.tables.authority import PairState
from cutover.tables.backfill_rows import BackfillPace
from cutover.tables.pairs import TablePair
from cutover.tables.table_facts import TableFacts
from cutover.tables.target_rules import IndexRule, KeyTypes, TargetRules
from cutover.tables.trials import Tally


@dataclass(frozen=True)
class Capacity:
    """Of a table or an index, in units a second. `read` and `write` are what is provisioned, or on demand the
    limit that was set (None: none was); `warm_read` and `warm_write` are what it bears at once."""

    on_demand: bool
    read: float | None = None
    write: float | None = None
    warm_write: float | None = None
    warm_read: float | None = None


@dataclass(frozen=True)
class KeyFacts:
    """The KMS key of a table. `customer` None: its description may not be read. `state` is KMS's word."""

    arn: str
    customer: bool | None = None
    state: str = "Enabled"


@dataclass(frozen=True)
class TableView:
    """One table. `replicas` are the other Regions of a global table; `scaled_to` is the most write units that
    auto scaling gives the table (under an empty name) and each index; what is not scaled is absent."""

    spec: str
    arn: str
    status: str
    keys: KeyTypes
    indexes: tuple[IndexRule, ...] = ()
    items: int = 0
    bytes: int = 0
    capacity: Capacity = Capacity(on_demand=True)
    index_capacity: Mapping[str, Capacity] = field(default_factory=dict)
    scaled_to: Mapping[str, float] = field(default_factory=dict)
    stream_arn: str | None = None
    stream_view: str | None = None
    last_stream_arn: str | None = None
    """Also of a stream that is off by now."""
    ttl_read: bool = False
    ttl_attribute: str | None = None
    key: KeyFacts | None = None
    """None: a key that AWS owns."""
    global_version: str = ""
    replicas: tuple[str, ...] = ()
    deletion_protected: bool = False
    recoverable: bool | None = None
    """Whether point-in-time recovery is on."""

    @property
    def name(self) -> str:
        return self.arn.rsplit("/", 1)[-1]

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def rules(self) -> TargetRules:
        return TargetRules(self.keys, self.indexes)

    @property
    def is_global(self) -> bool:
        return bool(self.global_version or self.replicas)

    @property
    def local_indexes(self) -> tuple[IndexRule, ...]:
        return tuple(index for index in self.indexes if index.local)

    def as_table_facts(self) -> TableFacts:
        """As the backfill's plan takes it."""
        on_demand = self.capacity.on_demand
        return TableFacts(
            name=self.name,
            items=self.items,
            bytes=self.bytes,
            read_units=None if on_demand else self.capacity.read,
            write_units=None if on_demand else self.capacity.write,
            stream_arn=self.stream_arn,
            ttl_attribute=self.ttl_attribute,
            warm_read_units=self.capacity.warm_read,
            warm_write_units=self.capacity.warm_write,
        )


@dataclass(frozen=True)
class Reader:
    """An event source mapping on a stream, as Lambda lists it."""

    function: str
    state: str
    position: str = ""
    ours: bool = False


@dataclass(frozen=True)
class WriteRate:
    """Write units a second that the source's writers used: the mean of `days`, and the busiest `period`
    seconds."""

    peak: float
    mean: float
    days: int
    period: int

    def data(self) -> dict[str, Any]:
        return {"peak": self.peak, "mean": self.mean, "days": self.days, "period_seconds": self.period}


@dataclass(frozen=True)
class PairView:
    """One pair. `problem` says why its transform cannot be had, `key_problem` why the two tables' keys do not
    fit it: what it is, its cause, its fix."""

    pair: TablePair
    source: TableView | None = None
    target: TableView | None = None
    readers: tuple[Reader, ...] | None = None
    kinesis: tuple[str, ...] | None = None
    """ARNs of the Kinesis streams that the source's changes go to."""
    kinesis_readers: tuple[Reader, ...] | None = None
    """Of those that the stack mirrors from."""
    rate: WriteRate | None = None
    changes_keys: bool = False
    may_collide: bool = False
    """A function of the user's makes the target keys."""
    problem: tuple[str, str, str] | None = None
    key_problem: tuple[str, str, str] | None = None
    sample: Tally | None = None
    state: PairState = field(default_factory=PairState)
    pace: BackfillPace = field(default_factory=BackfillPace)
    stream_shared: bool | None = None
    """Whether the stream has a policy of its own; read where it is of another account than the stack."""
    missing: tuple[str, ...] = ()
    """The tables that do not exist for this caller."""

    @property
    def id(self) -> str:
        return self.pair.id


@dataclass(frozen=True)
class TablesView:
    """All pairs. `key_decisions` are IAM's words on using a table's own key:
    (function, key ARN, action, decision)."""

    pairs: tuple[PairView, ...]
    region: str = ""
    """The stack's."""
    key_decisions: tuple[tuple[str, str, str, str], ...] | None = None
