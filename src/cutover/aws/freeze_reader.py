"""What has to stand still before a certificate is made of a pair."""

from __future__ import annotations

import time
from dataclasses import dataclass

from cutover.aws.failure_bucket import FailureBucket
from cutover.aws.faults import error_code
from cutover.aws.metrics import iterator_age
from cutover.aws.open_pairs import OpenedPair
from cutover.aws.session import Aws
from cutover.aws.table_faults import AWS_ERRORS
from cutover.control.deployment import Deployment
from cutover.control.freezing import FreezeFacts
from cutover.tables.backfill_rows import RunState
from cutover.tables.lease import LONGEST_SKEW
from cutover.tables.ledger_rows import COUNTERS, pair_key


@dataclass(frozen=True)
class FreezeReader:
    aws: Aws
    deployment: Deployment

    def read(self, opened: OpenedPair) -> FreezeFacts:
        """Raises TableFault, and what an AWS call raises that was refused."""
        pair_id = opened.pair.id
        state = opened.rows.state(pair_id)
        runs = opened.backfill_ledger.runs()
        lag, lag_problem = self._lag()
        return FreezeFacts(
            pair=pair_id,
            ruler=state.authority.ruler,
            epoch=state.authority.epoch,
            paused=(state.reason or "no reason given") if state.paused else None,
            mirror_problem=opened.mirror_problem(at_work=True),
            lag=lag,
            lag_problem=lag_problem,
            owed=opened.owed.summary(pair_id).keys,
            failures_waiting=self._failures(opened).holds_any(),
            unfinished=tuple(run.run_id for run in runs if run.state is RunState.RUNNING),
            runs=tuple(f"{run.run_id} {run.state}" for run in runs),
            pending_pages=sum(1 for _ in opened.backfill_ledger.pending()),
            writer=self._writer(opened),
            counters=self._counters(opened),
        )

    def _lag(self) -> tuple[float | None, str]:
        function = self.deployment.output("MirrorTableFunction")
        try:
            cloudwatch = self.aws.client("cloudwatch", attempts=3)
            return iterator_age(cloudwatch, function, int(time.time())), ""
        except AWS_ERRORS as error:
            return None, f"CloudWatch does not say: {error_code(error)}"

    def _failures(self, opened: OpenedPair) -> FailureBucket:
        s3 = self.aws.client("s3", attempts=3)
        return FailureBucket(s3, self.deployment.output("FailureBucket"), opened.ledger, time.time)

    @staticmethod
    def _writer(opened: OpenedPair) -> str | None:
        lease = opened.lease_book().read()
        if lease is None or lease.expires_at < time.time() - LONGEST_SKEW:
            return None
        return f"{lease.verb} ({lease.owner})"

    @staticmethod
    def _counters(opened: OpenedPair) -> dict[str, int]:
        row = opened.ledger.row(pair_key(opened.pair.id, COUNTERS)) or {}
        return {name: int(value["N"]) for name, value in row.items() if "N" in value and name != "expires"}
