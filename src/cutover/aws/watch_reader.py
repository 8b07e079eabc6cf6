"""What the watch reads and writes: the pool, the functions, the mirror's mappings, its own two rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.aws.function_facts import read_function
from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.paced_calls import PacedCalls
from cutover.aws.pool_reads import app_clients, attribute_mappings, user_of
from cutover.aws.session import Aws
from cutover.aws.squatters import Squatters
from cutover.control.ledger_rows import ATTACHED, Attachment, pool_pk
from cutover.control.squatted import SquattedCount
from cutover.control.watch import (
    DRIFT,
    SQUATTED,
    AliasSeen,
    Drift,
    PoolSeen,
    drift_of_aliases,
    drift_of_mappings,
    drift_of_pool,
    watch_pk,
)
from cutover.control.watch_settings import WatchSettings
from cutover.users.settings import region_of

CALLS_PER_SECOND = 3.0
"""Of UserList, of which an account has 30 a second by default, for the listing and everything else:
https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"""
PAGE = 60
_STALE = "InvalidParameterException"
_TYPED = TypeSerializer().serialize


@dataclass(frozen=True)
class Watch:
    """One deployment. `calls` are paced calls of cognito-idp; `now` gives epoch seconds."""

    settings: WatchSettings
    calls: PacedCalls | None
    functions: Any
    dynamodb: Any
    now: Callable[[], float]

    def drift(self) -> tuple[Drift, ...]:
        """What differs by now, also written down. Raises ClientError where a read is refused."""
        found = (*self._of_pool(), *drift_of_aliases(self._aliases()), *self._of_mappings())
        row = {
            "pk": watch_pk(self.settings.new_pool_id),
            "sk": DRIFT,
            "at": int(self.now()),
            "found": [one.as_row() for one in found],
        }
        self._put(row)
        return found

    def squatted(self, near_end: Callable[[], bool]) -> SquattedCount | None:
        """Goes on with the count until its shard or the time is at an end. None without users, and until the
        reservation index is complete."""
        pool = self.settings.new_pool_id
        ledger = LedgerReader(self.dynamodb, self.settings.ledger_table)
        index = ledger.row(f"index#{pool}", "state") if pool else None
        if pool is None or self.calls is None or index is None or "built_at" not in index:
            return None
        row = ledger.row(watch_pk(pool), SQUATTED)
        count = SquattedCount.of_row(row) if row else SquattedCount(pool)
        squatters = Squatters(self.dynamodb, self.settings.ledger_table, pool)
        shard = count.shard
        while True:
            count = self._page(self.calls, count, squatters)
            self._put(count.row())
            if count.shard != shard or near_end():
                return count

    def _page(self, calls: PacedCalls, count: SquattedCount, squatters: Squatters) -> SquattedCount:
        more = {} if count.token is None else {"PaginationToken": count.token}
        asked = {"UserPoolId": count.new_pool, "Limit": PAGE, "Filter": f'sub ^= "{count.shard}"'}
        try:
            reply = calls.read("list_users", **asked, **more)
        except ClientError as error:
            if count.token is None or error_code(error) != _STALE:
                raise
            return count.again()
        found = squatters.among([user_of(row) for row in reply.get("Users", ())])
        return count.after(found, reply.get("PaginationToken"), int(self.now()))

    def _of_pool(self) -> tuple[Drift, ...]:
        pool = self.settings.new_pool_id
        if pool is None or self.calls is None:
            return ()
        row = LedgerReader(self.dynamodb, self.settings.ledger_table).row(pool_pk(pool), ATTACHED)
        if row is None:
            return ()
        seen = PoolSeen(
            self.calls.read("describe_user_pool", UserPoolId=pool)["UserPool"],
            app_clients(self.calls, pool),
            attribute_mappings(self.calls, pool),
        )
        return drift_of_pool(Attachment.of_row(row), row.get("clients") or {}, self.settings.old_sub, seen)

    def _aliases(self) -> list[AliasSeen]:
        found = [read_function(self.functions, name, name) for name in self.settings.functions]
        return [
            AliasSeen(
                facts.name, facts.live if facts.alias_found else None, facts.latest or {}, facts.weights
            )
            for facts in found
        ]

    def _of_mappings(self) -> tuple[Drift, ...]:
        if self.settings.mirror is None:
            return ()
        pages = self.functions.get_paginator("list_event_source_mappings").paginate(
            FunctionName=f"{self.settings.mirror}:live"
        )
        states = {
            row["EventSourceArn"]: row["State"] for page in pages for row in page["EventSourceMappings"]
        }
        return drift_of_mappings(self.settings.streams, states, on=self.settings.mirror_on)

    def _put(self, row: Mapping[str, Any]) -> None:
        item = {name: _TYPED(value) for name, value in row.items()}
        self.dynamodb.put_item(TableName=self.settings.ledger_table, Item=item)


def watch_parts(
    settings: WatchSettings, aws: Aws, say: Callable[[str], None], now: Callable[[], float]
) -> Watch:
    """Clients are made here; nothing is called yet."""
    pool = settings.new_pool_id
    calls = None
    if pool is not None:
        there = aws.elsewhere(region=region_of(pool))
        calls = PacedCalls(there.client("cognito-idp"), per_second=CALLS_PER_SECOND, say=say)
    return Watch(settings, calls, aws.client("lambda", attempts=3), aws.client("dynamodb", attempts=3), now)
