"""What doctor reads of the table pairs. Nothing is written; items are read where a sample is asked for."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.backfill_ledger import DynamoPaceBook
from cutover.aws.doctor_reading import Reading
from cutover.aws.doctor_table_view import surroundings, view_of
from cutover.aws.dynamo_table import UnitPace
from cutover.aws.faults import error_code
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.pair_ledger import PairLedger
from cutover.aws.session import Aws
from cutover.aws.stream_readers import has_policy, kinesis_arns, stream_readers
from cutover.aws.table_pairs import Roles, load_pairs
from cutover.aws.table_sample import ATTEMPTS, SampleReads, place_of, planned_sample, transform_between
from cutover.aws.write_rate import write_rate
from cutover.control.deployment import Deployment
from cutover.control.doctor.call_resources import listed
from cutover.control.doctor.table_facts import PairView, Reader, TablesView, TableView
from cutover.control.refusals import Refusal
from cutover.errors import UsageError
from cutover.tables.key_check import check_keys
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.ports import TableFault
from cutover.tables.sampling import SamplePlan
from cutover.tables.transform import Transform
from cutover.tables.trials import Tally, tally


@dataclass(frozen=True)
class Sampling:
    """How many items of each source to look at, at what pace. `announce` is told of the plan beforehand."""

    items: int
    pace: UnitPace
    announce: Callable[[TablePair, SamplePlan], object]
    rng: random.Random


@dataclass(frozen=True)
class DoctorTables:
    """`aws` is the stack's Region; `at` in epoch seconds; `sub_map` the ledger that knows the users, empty
    where there is none; `account` the stack's, empty where nobody knows. `sampling` None reads no item."""

    deployment: Deployment
    aws: Aws
    roles: Roles
    at: int
    sub_map: str = ""
    account: str = ""
    sampling: Sampling | None = None
    reading: Reading = field(default_factory=Reading)

    def read(self) -> TablesView | None:
        """None where the stack moves no tables, or nobody can tell which."""
        pairs = self._pairs()
        if not pairs:
            return None
        return TablesView(tuple(self._pair(pair) for pair in pairs), region=self.aws.region or "")

    def _pairs(self) -> tuple[TablePair, ...]:
        return self.reading.attempt("the table pairs", self._load, self.deployment.parameters) or ()

    def _load(self, parameters: Mapping[str, str]) -> tuple[TablePair, ...]:
        try:
            return load_pairs(parameters.get("Tables", ""), self.aws, self.roles)
        except UsageError as error:
            self.reading.refused.append(Refusal("settings_refused", error.message, error.cause, error.fix))
            return ()

    def _pair(self, pair: TablePair) -> PairView:
        missing: list[str] = []
        source = self._table(pair.source, self.roles.source, missing)
        target = self._table(pair.target, self.roles.target, missing)
        view = PairView(pair, source, target, missing=tuple(missing))
        view = self._with_ledger(view)
        if source is not None:
            view = self._with_surroundings(view, source)
        if source is None or target is None:
            return view
        try:
            transform = transform_between(pair, source.rules, target.rules, self.aws, self.sub_map)
        except UsageError as error:
            return replace(view, problem=_words(error))
        view = replace(view, changes_keys=transform.changes_keys, may_collide=transform.may_collide)
        try:
            check_keys(pair, source.keys, target.keys)
        except UsageError as error:
            return replace(view, key_problem=_words(error))
        if self.sampling is None:
            return view
        what = f"a sample of {source.name}"
        return replace(
            view, sample=self._attempt(what, self._sample, pair, source, target, transform, self.sampling)
        )

    def _table(self, ref: TableRef, role: str | None, missing: list[str]) -> TableView | None:
        described = self.reading.attempt(f"the table {ref.name}", self._describe, ref, role)
        if described is None:
            return None
        if not described:
            missing.append(ref.spec)
            return None
        where = self._where(ref, role)
        clients = {name: where.client(name, attempts=ATTEMPTS) for name in ("dynamodb", "kms")}
        scaling = where.client("application-autoscaling", attempts=ATTEMPTS)
        view = view_of(ref.spec, described)
        return surroundings(view, clients["dynamodb"], clients["kms"], scaling, self.reading)

    def _describe(self, ref: TableRef, role: str | None) -> dict[str, Any]:
        """Empty where there is no such table."""
        try:
            client = self._where(ref, role).client("dynamodb", attempts=ATTEMPTS)
            table: dict[str, Any] = client.describe_table(TableName=ref.spec)["Table"]
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            return {}
        return table

    def _where(self, ref: TableRef, role: str | None) -> Aws:
        return place_of(ref, self.aws, role, self.roles.external_id)

    def _with_ledger(self, view: PairView) -> PairView:
        """The pace that the operator set."""
        table = self.deployment.outputs.get("LedgerTable")
        if not table:
            return view
        client = self.aws.client("dynamodb", attempts=ATTEMPTS)
        state = self._attempt(f"the pace of {view.id}", PairLedger(client, table).state, view.id)
        book = DynamoPaceBook(LedgerTable(client, table), view.id)
        pace = self._attempt(f"the backfill's pace of {view.id}", book.read)
        return replace(view, state=state or view.state, pace=pace or view.pace)

    def _with_surroundings(self, view: PairView, source: TableView) -> PairView:
        """Who reads the source's changes, and how fast it is written."""
        where = self._where(view.pair.source, self.roles.source)
        cloudwatch = where.client("cloudwatch", attempts=ATTEMPTS)
        dynamodb = where.client("dynamodb", attempts=ATTEMPTS)
        rate = self.reading.attempt(
            f"how fast {source.name} is written", write_rate, cloudwatch, source.name, self.at
        )
        kinesis = self.reading.attempt(
            f"the Kinesis destinations of {source.name}", kinesis_arns, dynamodb, source.spec
        )
        shared = None
        if source.stream_arn is not None and self.account not in {"", source.account}:
            what = f"the policy of the stream of {source.name}"
            shared = self.reading.attempt(what, has_policy, dynamodb, source.stream_arn)
        mirrored = [arn for arn in kinesis or () if arn in listed(self.deployment, "SourceKinesisArns")]
        return replace(
            view,
            rate=rate,
            kinesis=kinesis,
            stream_shared=shared,
            readers=self._readers(source, [source.stream_arn] if source.stream_arn else []),
            kinesis_readers=self._readers(source, mirrored),
        )

    def _readers(self, source: TableView, streams: Sequence[str]) -> tuple[Reader, ...] | None:
        """The functions of these streams; None where there is none, or they could not be listed."""
        client = self.aws.elsewhere(region=source.region).client("lambda", attempts=ATTEMPTS)
        mirror = self.deployment.outputs.get("MirrorTableFunction", "")
        what = f"the functions that read the changes of {source.name}"
        found = [self.reading.attempt(what, stream_readers, client, arn, mirror) for arn in streams]
        if not found or None in found:
            return None
        return tuple(reader for readers in found for reader in readers or ())

    def _sample(
        self,
        pair: TablePair,
        source: TableView,
        target: TableView,
        transform: Transform,
        how: Sampling,
    ) -> Tally:
        reads = SampleReads(how.items, how.pace, self.aws, self.roles)
        sample = planned_sample(pair, source, target.rules, transform, reads)
        how.announce(pair, sample.plan)
        return tally(sample.trials(how.rng))

    def _attempt(self, what: str, read: Callable[..., Any], *given: Any) -> Any:
        """As `Reading.attempt`, of what speaks of tables at fault."""
        try:
            return self.reading.attempt(what, read, *given)
        except TableFault as fault:
            self.reading.notes.append(f"{what}: {fault.reason}")
            return None


def _words(error: UsageError) -> tuple[str, str, str]:
    return error.message, error.cause, error.fix
