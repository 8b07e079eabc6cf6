"""The users of both pools, as attach compares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from cutover.aws.index_building import build_index
from cutover.aws.paced_calls import PacedCalls
from cutover.aws.pool_reads import old_users, users
from cutover.aws.reservation_index import ReservationIndex
from cutover.aws.session import Aws
from cutover.cli.attach_facts import Site, paced_calls
from cutover.cli.options import Invocation
from cutover.cli.progress import Bar
from cutover.control.deployment import Deployment
from cutover.control.taken_names import HeldNames, PoolUser, Taken
from cutover.errors import UsageError
from cutover.users.settings import region_of

INDEX_ATTEMPTS = 10
"""Of one write of the index: a table that was idle throttles at first."""


@dataclass(frozen=True)
class OldSide:
    """The old pool and calls to it."""

    pool_id: str
    calls: PacedCalls


def old_side(
    invocation: Invocation, deployment: Deployment, *, per_second: float, profile: str | None
) -> OldSide:
    """Raises UsageError where the stack names no old pool."""
    old_pool = deployment.parameter("OldUserPoolId")
    if old_pool is None:
        raise UsageError(
            f"stack {deployment.stack} names no old pool",
            cause="its parameter OldUserPoolId is empty",
            fix="deploy it with the pool that people come from",
        )
    aws = old_pool_aws(invocation, deployment, old_pool, profile)
    return OldSide(old_pool, paced_calls(invocation, aws, per_second))


@dataclass(frozen=True)
class Look:
    """How attach looks at the users of both pools. `compare`: who of the new pool holds an old user's name.
    `index_units`: write units a second of the index."""

    invocation: Invocation
    site: Site
    old: OldSide
    case_sensitive: bool
    compare: bool
    index_units: float

    def taken(self) -> tuple[Taken, ...] | None:
        """Lists both pools, the new one first: while nobody is in it, nobody holds anything, and the old one
        is left alone. None where nothing is to be compared."""
        held = self._held()
        if not held:
            return () if self.compare else None
        with self._old_progress() as bar:
            found = [one for user in counted(self._old_users(), bar) for one in held.taken_from(user)]
        return self.site.ledger.strangers(found, self.site.pool_id)

    def taken_while_indexing(self) -> tuple[Taken, ...] | None:
        """As `taken`, in the one listing of the old pool that the index is built from."""
        held = self._held()
        found: list[Taken] = []

        def compared() -> Iterator[PoolUser]:
            for user in self._old_users():
                found.extend(held.taken_from(user) if held else ())
                yield user

        rows = ReservationIndex(self.site.aws.client("dynamodb", attempts=INDEX_ATTEMPTS), self.site.table)
        with self._old_progress() as bar:
            build_index(counted(compared(), bar), rows, self.site.pool_id, units_per_second=self.index_units)
        return self.site.ledger.strangers(found, self.site.pool_id) if self.compare else None

    def _held(self) -> HeldNames | None:
        if not self.compare:
            return None
        listed = users(self.site.calls, self.site.pool_id)
        pace = self.site.calls.per_second
        with self.invocation.render.progress(f"users of the new pool, {pace:g} calls a second") as bar:
            return HeldNames(counted(listed, bar), case_sensitive=self.case_sensitive)

    def _old_users(self) -> Iterator[PoolUser]:
        return old_users(self.old.calls, self.old.pool_id)

    def _old_progress(self) -> AbstractContextManager[Bar]:
        pace = self.old.calls.per_second
        return self.invocation.render.progress(f"users of the old pool, {pace:g} calls a second")


def old_pool_aws(
    invocation: Invocation, deployment: Deployment, old_pool: str, old_profile: str | None
) -> Aws:
    """The old pool by a profile of its own, or by the role that the trigger takes."""
    region = deployment.parameter("OldRegion") or region_of(old_pool)
    if old_profile:
        return Aws(region=region, profile=old_profile, endpoint_url=invocation.aws.endpoint_url)
    return invocation.aws.elsewhere(
        region=region,
        role_arn=deployment.parameter("OldRoleArn"),
        external_id=deployment.parameter("OldExternalId"),
    )


def counted(listed: Iterable[PoolUser], bar: Bar) -> Iterator[PoolUser]:
    for user in listed:
        yield user
        bar.advance(1)
