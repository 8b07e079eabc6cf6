"""`cutover release`: lets one user who came over once come over once more, to a reset."""

from __future__ import annotations

import time

import rich_click as click

from cutover.aws.release_reader import old_profile, read_release
from cutover.aws.session import Aws
from cutover.aws.user_ledger import UserLedger
from cutover.cli.attach_facts import new_pool_of
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.control.deployment import Deployment
from cutover.control.refusals import raise_first
from cutover.control.release_plan import ReleaseFacts, ReleasePlan, plan_release
from cutover.errors import AwsUnavailable, InterlockRefused, UsageError
from cutover.users.decision_table import Stop
from cutover.users.settings import region_of


@click.command("release")
@common_options
@dry_run_option
@click.argument("user", required=False)
@click.option("--old-sub", help="The old sub instead of a name; the old pool is not asked.")
@click.option("--old-profile", help="The AWS profile that may read users of the old pool.")
def command(
    invocation: Invocation, dry_run: bool, user: str | None, old_sub: str | None, old_profile: str | None
) -> int:
    """Let one user who came over come over once more, to a reset.

    USER is a name, an e-mail or a phone number of the old pool. Whoever has come over is refused for ever,
    also after being deleted in the new pool; this undoes it for one user. They are offered a reset by a code
    to a verified contact, never the old password, and once that is confirmed they are refused for ever again.
    """
    if (user is None) == (old_sub is None):
        raise UsageError("name one user", fix="give USER, or the old sub with --old-sub")
    deployment = invocation.deployment()
    pool_id = new_pool_of(deployment)
    ledger = UserLedger(
        invocation.aws.client("dynamodb", attempts=3), deployment.output("LedgerTable"), sleep=time.sleep
    )
    try:
        plan = plan_release(_facts(invocation, deployment, pool_id, ledger, user, old_sub, old_profile))
        if dry_run:
            return _show(invocation, plan)
        return _run(invocation, plan, ledger)
    except Stop as stop:
        raise AwsUnavailable("the ledger did not answer", cause=stop.cause, fix="try again") from stop


def _facts(
    invocation: Invocation,
    deployment: Deployment,
    pool_id: str,
    ledger: UserLedger,
    user: str | None,
    old_sub: str | None,
    profile_name: str | None,
) -> ReleaseFacts:
    new = invocation.aws.elsewhere(region=region_of(pool_id)).client("cognito-idp", attempts=3)
    if old_sub is not None:
        return read_release(pool_id, new, ledger, old_sub=old_sub, profile=None)
    old_pool = deployment.parameter("OldUserPoolId") or ""
    there = _old_side(invocation.aws, deployment, old_pool, profile_name)
    profile = old_profile(there.client("cognito-idp", attempts=3), old_pool, user or "")
    return read_release(pool_id, new, ledger, old_sub=profile.sub, profile=profile)


def _old_side(aws: Aws, deployment: Deployment, old_pool: str, profile: str | None) -> Aws:
    """With a profile of its own, the old pool is read as that caller; else as the trigger does."""
    region = deployment.parameter("OldRegion") or region_of(old_pool)
    if profile:
        return Aws(region=region, profile=profile, endpoint_url=aws.endpoint_url)
    return aws.elsewhere(
        region=region,
        role_arn=deployment.parameter("OldRoleArn"),
        external_id=deployment.parameter("OldExternalId"),
    )


def _show(invocation: Invocation, plan: ReleasePlan) -> int:
    invocation.render.result(
        "release", {"dry_run": True, **plan.as_json()}, text=_text(plan), ok=not plan.refusals
    )
    return InterlockRefused.exit_code if plan.refusals else 0


def _run(invocation: Invocation, plan: ReleasePlan, ledger: UserLedger) -> int:
    invocation.render.say(_text(plan))
    raise_first(plan.refusals)
    if plan.row is not None:
        invocation.confirm("Let this user come over once more?")
        if not ledger.release(plan.row, int(time.time())):
            raise InterlockRefused(
                "row_changed",
                "the ledger's row of this user changed at the same moment",
                fix="run the same command again and look at the plan",
            )
    invocation.render.result(
        "release",
        {"dry_run": False, "released": plan.row is not None, **plan.as_json()},
        text="released" if plan.row else "was released already",
    )
    return 0


def _text(plan: ReleasePlan) -> str:
    facts = plan.facts
    stands = facts.row.state if facts.row else "unknown to the ledger"
    lines = [f"release {facts.old_sub} ({stands})", *(f"  {name}: {what}" for name, what in plan.steps)]
    if plan.steps and facts.verified is False:
        lines.append("  warning: the old pool shows no verified contact, so no code could be sent")
    lines += [f"  refused: {refusal.message} ({refusal.code})" for refusal in plan.refusals[1:]]
    return "\n".join(lines)
