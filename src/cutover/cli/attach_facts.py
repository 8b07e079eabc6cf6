"""What attach looks at before it plans: the pool, its clients, the trigger, the stack, the users."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from cutover.aws.client_admin import ClientAdmin
from cutover.aws.paced_calls import PacedCalls
from cutover.aws.pool_admin import PoolAdmin
from cutover.aws.pool_ledger import PoolLedger
from cutover.aws.pool_reads import app_clients, attribute_mappings
from cutover.aws.session import Aws
from cutover.aws.stack_protection import StackProtection
from cutover.aws.trigger_function import read_trigger
from cutover.cli.options import Invocation
from cutover.cli.waits import Waits
from cutover.control.app_clients import report_clients
from cutover.control.attach_facts import AttachFacts
from cutover.control.client_settings import ClientState
from cutover.control.deployment import Deployment
from cutover.control.old_sub import check_attribute
from cutover.control.takeover_checks import OldSignUp, changeable_names
from cutover.control.trigger_plan import CHAINED, OUTPUTS, StackTriggers
from cutover.control.trigger_set import MIGRATION
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
    table: str
    """The ledger's name."""
    aws: Aws
    waits: Waits

    quick: Callable[[], PacedCalls]
    """Calls of their own for the few that may be as quick as the pool's."""

    def client(self, client_id: str) -> ClientAdmin:
        """One app client of the pool."""
        return ClientAdmin(self.quick(), self.pool_id, client_id)


def pool_site(invocation: Invocation, pool_id: str, ledger: str, per_second: float) -> Site:
    """A pool and what belongs to it stand in one Region: that of the pool's id."""
    aws = invocation.aws.elsewhere(region=region_of(pool_id))
    pool = PoolAdmin(paced_calls(invocation, aws, POOL_CALLS_PER_SECOND), pool_id)
    calls = paced_calls(invocation, aws, per_second)
    rows = PoolLedger(aws.client("dynamodb", attempts=3), ledger)
    quick = partial(paced_calls, invocation, aws, POOL_CALLS_PER_SECOND)
    return Site(pool_id, pool, calls, rows, ledger, aws, invocation.waits, quick)


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


def flow_clients(site: Site, client_ids: Iterable[str]) -> tuple[ClientState, ...]:
    """Raises UsageError where the pool has no such app client."""
    return tuple(_present(site, client_id) for client_id in dict.fromkeys(client_ids))


def _present(site: Site, client_id: str) -> ClientState:
    state = site.client(client_id).describe()
    if state is None:
        raise UsageError(
            f"{site.pool_id} has no app client {client_id}",
            fix="name one of those that attach --dry-run lists",
        )
    return state


def attach_facts(
    site: Site,
    deployment: Deployment,
    old_sign_up: OldSignUp,
    password_clients: tuple[ClientState, ...],
) -> AttachFacts:
    state = site.pool.describe()
    clients = app_clients(site.calls, site.pool_id)
    attribute = deployment.parameter("LegacySubAttribute") or DEFAULT_ATTRIBUTE
    allowed = (deployment.parameter("AllowedClientIds") or "").replace(" ", "").split(",")
    return AttachFacts(
        stack=deployment.stack,
        state=state,
        model=site.pool.model,
        stack_triggers=_stack_triggers(site, deployment),
        attribute=check_attribute(
            attribute, state.settings, clients, attribute_mappings(site.calls, site.pool_id)
        ),
        clients=report_clients(clients, state.settings, frozenset(filter(None, allowed))),
        name_refusals=tuple(changeable_names(state.settings, clients)),
        old_sign_up=old_sign_up,
        flow_clients=password_clients,
        index_built=site.ledger.index_built(site.pool_id),
        protected=stack_protection(site.aws, deployment.stack).is_on(),
        attachment=site.ledger.attachment(site.pool_id),
    )


def _stack_triggers(site: Site, deployment: Deployment) -> StackTriggers:
    """Raises UsageError where the stack has no migration trigger."""
    deployment.output(OUTPUTS[MIGRATION])
    client = site.aws.client("lambda", attempts=3)
    return StackTriggers(
        functions={
            kind: read_trigger(client, deployment.outputs[name], sleep=site.waits.sleep)
            for kind, name in OUTPUTS.items()
            if deployment.outputs.get(name)
        },
        chained={kind: arn for kind, name in CHAINED.items() if (arn := deployment.parameter(name))},
    )


def paced_calls(invocation: Invocation, aws: Aws, per_second: float) -> PacedCalls:
    say: Callable[[str], None] = invocation.render.say
    waits = invocation.waits
    return PacedCalls(
        aws.client("cognito-idp"), per_second=per_second, say=say, clock=waits.clock, sleep=waits.sleep
    )
