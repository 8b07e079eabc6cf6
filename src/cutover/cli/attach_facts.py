"""What attach looks at before it plans: the pool, its clients, the trigger, the stack, the users."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cutover.aws.paced_calls import PacedCalls
from cutover.aws.pool_admin import PoolAdmin
from cutover.aws.pool_ledger import PoolLedger
from cutover.aws.pool_reads import app_clients, attribute_mappings, old_users, users
from cutover.aws.session import Aws
from cutover.aws.stack_protection import StackProtection
from cutover.aws.trigger_function import read_trigger
from cutover.cli.options import Invocation
from cutover.cli.progress import Bar
from cutover.control.app_clients import report_clients
from cutover.control.attach_plan import AttachFacts
from cutover.control.deployment import Deployment
from cutover.control.old_sub import check_attribute
from cutover.control.taken_names import HeldNames, PoolUser, Taken
from cutover.errors import UsageError
from cutover.users.settings import region_of

POOL_CALLS_PER_SECOND = 10.0
"""The few calls to the pool itself: between the last look and the update no time is to be lost."""
DEFAULT_ATTRIBUTE = "custom:old_sub"


@dataclass(frozen=True)
class Site:
    """Where attach and detach work: one pool and its ledger. `calls` list what belongs to the pool."""

    pool_id: str
    pool: PoolAdmin
    calls: PacedCalls
    ledger: PoolLedger
    aws: Aws


def pool_site(invocation: Invocation, pool_id: str, ledger: str, per_second: float) -> Site:
    """A pool and what belongs to it stand in one Region: that of the pool's id."""
    aws = invocation.aws.elsewhere(region=region_of(pool_id))
    pool = PoolAdmin(_calls(invocation, aws, POOL_CALLS_PER_SECOND), pool_id)
    calls = _calls(invocation, aws, per_second)
    return Site(pool_id, pool, calls, PoolLedger(aws.client("dynamodb", attempts=3), ledger), aws)


def stack_protection(aws: Aws, stack: str) -> StackProtection:
    return StackProtection(aws.client("cloudformation", attempts=3), stack)


def new_pool_of(deployment: Deployment) -> str:
    pool_id = deployment.parameter("NewUserPoolId")
    if pool_id is None:
        raise UsageError(
            f"stack {deployment.stack} moves no users",
            cause="its parameter NewUserPoolId is empty",
            fix="name the stack that has the new user pool with --stack",
        )
    return pool_id


def attach_facts(site: Site, deployment: Deployment) -> AttachFacts:
    state = site.pool.describe()
    clients = app_clients(site.calls, site.pool_id)
    attribute = deployment.parameter("LegacySubAttribute") or DEFAULT_ATTRIBUTE
    allowed = (deployment.parameter("AllowedClientIds") or "").replace(" ", "").split(",")
    arn = deployment.output("MigrateUserArn")
    return AttachFacts(
        stack=deployment.stack,
        state=state,
        model=site.pool.model,
        function=read_trigger(site.aws.client("lambda", attempts=3), arn, sleep=time.sleep),
        attribute=check_attribute(
            attribute, state.settings, clients, attribute_mappings(site.calls, site.pool_id)
        ),
        clients=report_clients(clients, state.settings, frozenset(filter(None, allowed))),
        protected=stack_protection(site.aws, deployment.stack).is_on(),
        attachment=site.ledger.attachment(site.pool_id),
    )


def taken_names(
    invocation: Invocation,
    site: Site,
    deployment: Deployment,
    facts: AttachFacts,
    *,
    per_second: float,
    old_profile: str | None,
) -> tuple[Taken, ...]:
    """Lists both pools, the new one first: while nobody is in it, nobody holds anything."""
    case = facts.state.settings.get("UsernameConfiguration", {}).get("CaseSensitive", True)
    with invocation.render.progress(f"users of the new pool, {per_second:g} calls a second") as bar:
        held = HeldNames(_counted(users(site.calls, site.pool_id), bar), case_sensitive=bool(case))
    if not held:
        return ()
    old_pool = deployment.parameter("OldUserPoolId") or ""
    calls = _calls(invocation, old_aws(invocation, deployment, old_pool, old_profile), per_second)
    with invocation.render.progress(f"users of the old pool, {per_second:g} calls a second") as bar:
        found = [one for old in _counted(old_users(calls, old_pool), bar) for one in held.taken_from(old)]
    return site.ledger.strangers(found, site.pool_id)


def old_aws(invocation: Invocation, deployment: Deployment, old_pool: str, old_profile: str | None) -> Aws:
    """The old pool by a profile of its own, or by the role that the trigger takes."""
    region = deployment.parameter("OldRegion") or region_of(old_pool)
    if old_profile:
        return Aws(region=region, profile=old_profile, endpoint_url=invocation.aws.endpoint_url)
    return invocation.aws.elsewhere(
        region=region,
        role_arn=deployment.parameter("OldRoleArn"),
        external_id=deployment.parameter("OldExternalId"),
    )


def _calls(invocation: Invocation, aws: Aws, per_second: float) -> PacedCalls:
    say: Callable[[str], None] = invocation.render.say
    return PacedCalls(aws.client("cognito-idp"), per_second=per_second, say=say)


def _counted(listed: Iterable[PoolUser], bar: Bar) -> Iterator[PoolUser]:
    for user in listed:
        yield user
        bar.advance(1)
