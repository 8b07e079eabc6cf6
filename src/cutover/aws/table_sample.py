"""A table read a few items at a time, for a sample."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cutover.aws.doctor_table_view import view_of
from cutover.aws.dynamo_table import UnitPace, consumed_units
from cutover.aws.faults import error_code
from cutover.aws.session import Aws
from cutover.aws.sub_map import ledger_sub_map
from cutover.aws.table_faults import AWS_ERRORS
from cutover.aws.table_pairs import Roles
from cutover.control.doctor.table_facts import TableView
from cutover.tables.key_check import check_keys
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.ports import Key, ScanPage, TableFault
from cutover.tables.sampling import SamplePlan, draw, plan_sample
from cutover.tables.target_rules import TargetRules
from cutover.tables.transform import Transform, load
from cutover.tables.trials import Trial, Trials

ATTEMPTS = 5
"""Of a read by the SDK: reading twice does no harm."""


class TableSample:
    """A `SampledTable`. The client may try a read again by itself: a read does no harm twice.

    Units are taken from the pace after each call, as the reply counts them.
    """

    def __init__(self, client: Any, address: str, key_names: tuple[str, ...], pace: UnitPace) -> None:
        self._client, self._address, self._pace = client, address, pace
        self.key_names = key_names
        self.units = 0.0
        """Read so far."""

    @property
    def name(self) -> str:
        return self._address.rsplit("/", 1)[-1]

    def page(self, segment: int, segments: int, limit: int, start: Key | None) -> ScanPage:
        """As the port says."""
        place = {"ExclusiveStartKey": start} if start else {}
        try:
            reply = self._client.scan(
                TableName=self._address,
                Segment=segment,
                TotalSegments=segments,
                Limit=limit,
                ReturnConsumedCapacity="TOTAL",
                **place,
            )
        except AWS_ERRORS as error:
            raise TableFault(self.name, error_code(error)) from error
        units = consumed_units(reply)
        self.units += units
        self._pace.take(units)
        return ScanPage(tuple(reply.get("Items", ())), reply.get("LastEvaluatedKey") or None, units)


@dataclass(frozen=True)
class PairSample:
    """A sample that was planned and can be drawn. `rules` are those of the target."""

    pair: TablePair
    plan: SamplePlan
    table: TableSample
    transform: Transform
    rules: TargetRules

    def trials(self, rng: random.Random) -> Iterator[Trial]:
        """Draws, and puts each item to the trial. Raises TableFault."""
        trials = Trials(self.transform, self.table.key_names, self.rules)
        for page in draw(self.table, self.plan, rng):
            yield from trials.of(page)


def planned_sample(
    pair: TablePair, source: TableView, rules: TargetRules, transform: Transform, reads: SampleReads
) -> PairSample:
    """A sample of a source that was described."""
    client = place_of(pair.source, reads.aws, reads.roles.source, reads.roles.external_id).client(
        "dynamodb", attempts=ATTEMPTS
    )
    table = TableSample(client, source.spec, source.rules.key_names, reads.pace)
    return PairSample(pair, plan_sample(reads.items, source.items, source.bytes), table, transform, rules)


@dataclass(frozen=True)
class SampleReads:
    """How many items, how fast, and by which way to the tables."""

    items: int
    pace: UnitPace
    aws: Aws
    roles: Roles


def open_sample(pair: TablePair, reads: SampleReads, ledger: str) -> PairSample:
    """Describes both tables and plans; old subs are looked up in `ledger`.

    Raises TableFault; UsageError for keys or a transform that do not fit.
    """
    source = _described(pair.source, reads, reads.roles.source)
    target = _described(pair.target, reads, reads.roles.target)
    check_keys(pair, source.keys, target.keys)
    transform = transform_between(pair, source.rules, target.rules, reads.aws, ledger)
    return planned_sample(pair, source, target.rules, transform, reads)


def transform_between(
    pair: TablePair, source: TargetRules, target: TargetRules, aws: Aws, ledger: str
) -> Transform:
    """Raises UsageError where a function cannot be had, or where subs are named and `ledger` is empty."""
    sub_map = ledger_sub_map(aws, ledger) if pair.subs and ledger else None
    return load(pair, source.key_names, target.key_names, sub_map, target.keys, source.keys)


def place_of(ref: TableRef, aws: Aws, role: str | None, external_id: str | None) -> Aws:
    return aws.elsewhere(region=ref.region, role_arn=role, external_id=external_id)


def _described(ref: TableRef, reads: SampleReads, role: str | None) -> TableView:
    client = place_of(ref, reads.aws, role, reads.roles.external_id).client("dynamodb", attempts=ATTEMPTS)
    try:
        return view_of(ref.spec, client.describe_table(TableName=ref.spec)["Table"])
    except AWS_ERRORS as error:
        raise TableFault(ref.name, error_code(error)) from error
