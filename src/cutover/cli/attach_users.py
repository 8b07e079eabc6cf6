"""The users of both pools, as attach compares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cutover.aws.paced_calls import PacedCalls
from cutover.aws.pool_reads import old_users, users
from cutover.aws.session import Aws
from cutover.cli.attach_facts import Site, paced_calls
from cutover.cli.options import Invocation
from cutover.cli.progress import Bar
from cutover.control.attach_facts import AttachFacts
from cutover.control.deployment import Deployment
from cutover.control.taken_names import HeldNames, PoolUser, Taken
from cutover.errors import UsageError
from cutover.users.settings import region_of


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


def taken_names(
    invocation: Invocation,
    site: Site,
    facts: AttachFacts,
    old: OldSide,
) -> tuple[Taken, ...]:
    """Lists both pools, the new one first: while nobody is in it, nobody holds anything."""
    case = facts.state.settings.get("UsernameConfiguration", {}).get("CaseSensitive", True)
    with invocation.render.progress(
        f"users of the new pool, {site.calls.per_second:g} calls a second"
    ) as bar:
        held = HeldNames(counted(users(site.calls, site.pool_id), bar), case_sensitive=bool(case))
    if not held:
        return ()
    with invocation.render.progress(f"users of the old pool, {old.calls.per_second:g} calls a second") as bar:
        found = [
            one for user in counted(old_users(old.calls, old.pool_id), bar) for one in held.taken_from(user)
        ]
    return site.ledger.strangers(found, site.pool_id)


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
