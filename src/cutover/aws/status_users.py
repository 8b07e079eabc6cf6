"""The users' half of a status: the live pool, what attach wrote down, the ledger's counts, the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.queue_facts import backlog
from cutover.aws.session import Aws
from cutover.aws.unread import Unread
from cutover.control.deployment import Deployment
from cutover.control.ledger_rows import ATTACHED, Attachment, pool_pk
from cutover.control.rollout_plan import RolloutState
from cutover.control.status_facts import Backlog, Counted, UsersFacts
from cutover.control.watch import SQUATTED, watch_pk
from cutover.users.ledger_rows import OPEN_STATES, State, listed
from cutover.users.rollout import EVERYBODY, rollout_key
from cutover.users.settings import region_of

COUNT_PAGES = 40
"""Pages of 1 MB that a count of one state reads, about 100,000 users, unless all are asked for."""


@dataclass(frozen=True)
class UsersReader:
    """`pages` bounds each count (None: all). What AWS refuses is noted in `unread` and left unknown."""

    aws: Aws
    ledger: LedgerReader
    unread: Unread
    at: int
    pages: int | None = COUNT_PAGES

    def read(self, pool_id: str, deployment: Deployment | None) -> UsersFacts:
        pool = self._pool(self.aws.elsewhere(region=region_of(pool_id)), pool_id, "the new pool")
        row = self.unread.attempt("what attach did", lambda: self.ledger.row(pool_pk(pool_id), ATTACHED))
        old = self._old_pool(deployment) if deployment else None
        pools = {"old": old, "new": pool}
        return UsersFacts(
            pool_id=pool_id,
            trigger=(pool or {}).get("LambdaConfig", {}).get("UserMigration") or None,
            pool_read=pool is not None,
            attachment=Attachment.of_row(row) if row else None,
            counts=self._counts(),
            oldest=self._oldest(),
            estimates={
                name: int(found["EstimatedNumberOfUsers"])
                for name, found in pools.items()
                if found and "EstimatedNumberOfUsers" in found
            },
            settling=self._queue(deployment, "SettleQueueUrl", "the settle queue"),
            squatted=self._squatted(pool_id),
            dead=self._queue(deployment, "SettleDeadLetterQueueUrl", "the settle dead-letter queue"),
            rollout=self.unread.attempt("the rollout", self._rollout, pool_id),
            rollout_default=int((deployment and deployment.parameter("RolloutPercent")) or EVERYBODY),
        )

    def _pool(self, aws: Aws, pool_id: str, name: str) -> dict[str, Any] | None:
        def describe() -> dict[str, Any]:
            client = aws.client("cognito-idp", attempts=3)
            found: dict[str, Any] = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
            return found

        return self.unread.attempt(name, describe)

    def _rollout(self, pool_id: str) -> RolloutState:
        key = rollout_key(pool_id)
        row = self.ledger.row(key["pk"]["S"], key["sk"]["S"]) or {}
        return RolloutState(row.get("percent"), row.get("paused"))

    def _old_pool(self, deployment: Deployment) -> dict[str, Any] | None:
        pool_id = deployment.parameter("OldUserPoolId")
        if pool_id is None:
            return None
        there = self.aws.elsewhere(
            region=deployment.parameter("OldRegion") or region_of(pool_id),
            role_arn=deployment.parameter("OldRoleArn"),
            external_id=deployment.parameter("OldExternalId"),
        )
        return self._pool(there, pool_id, "the old pool")

    def _squatted(self, pool_id: str) -> Counted | None:
        """What the watch counted last; None where it never did."""
        row = self.unread.attempt("what the watch counted", self.ledger.row, watch_pk(pool_id), SQUATTED)
        return Counted(int(row["count"]), exact=bool(row["complete"])) if row else None

    def _counts(self) -> dict[str, Counted]:
        counts: dict[str, Counted] = {}
        for state in State:
            counted = self.unread.attempt(
                f"how many users are {state.value}", self.ledger.count, listed(state), self.pages
            )
            if counted is not None:
                counts[state.value] = counted
        return counts

    def _oldest(self) -> dict[str, int]:
        oldest: dict[str, int] = {}
        for state in OPEN_STATES:
            since = self.unread.attempt(
                f"the oldest user that is {state.value}", self.ledger.oldest, listed(state)
            )
            if since is not None:
                oldest[state.value] = since
        return oldest

    def _queue(self, deployment: Deployment | None, output: str, name: str) -> Backlog | None:
        url = deployment.outputs.get(output) if deployment else None
        if not url:
            return None
        sqs, cloudwatch = self.aws.client("sqs", attempts=3), self.aws.client("cloudwatch", attempts=3)
        return self.unread.attempt(name, lambda: backlog(sqs, cloudwatch, url, self.at))
