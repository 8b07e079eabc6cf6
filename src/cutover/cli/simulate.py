"""`cutover simulate USER`: what would happen to one user, and why."""

from __future__ import annotations

import rich_click as click

from cutover.aws.simulation_parts import simulation_parts
from cutover.cli.attach_facts import new_pool_of
from cutover.cli.attach_users import old_pool_aws
from cutover.cli.options import Invocation, common_options
from cutover.cli.password import piped_password, typed_password
from cutover.cli.simulate_view import as_data, screen
from cutover.control.trigger_settings import trigger_settings
from cutover.errors import AwsUnavailable, UsageError
from cutover.users.decision_table import Stop
from cutover.users.explain import explain

COUNTS = (
    "This is one sign-in on the old pool: it makes the user active for the month, and a wrong password "
    "counts in the lockout."
)


@click.command("simulate")
@common_options
@click.argument("user")
@click.option("--client", "client_id", help="The new pool's app client that they would sign in with.")
@click.option("--old-profile", help="The AWS profile that may read the old pool's users.")
@click.option(
    "--password", "asks", is_flag=True, help="Ask for the password and try it on the old pool, once."
)
@click.option("--password-stdin", "reads", is_flag=True, help="As --password, from the standard input.")
def command(
    invocation: Invocation, user: str, client_id: str | None, old_profile: str | None, asks: bool, reads: bool
) -> int:
    """Explain what would happen to USER at the first sign-in on the new pool, and why.

    USER is what would be typed: a user name, an e-mail address, a phone number. Nothing is changed. Without
    a password it tells what the right one would do; with one, the old pool is asked for real.
    """
    if asks and reads:
        raise UsageError("--password and --password-stdin do not go together", fix="give one of them")
    deployment = invocation.deployment()
    new_pool_of(deployment)
    settings = trigger_settings(deployment)
    password = _password(invocation, asks=asks, reads=reads)
    old = old_pool_aws(invocation, deployment, settings.old_pool_id, old_profile)
    try:
        explanation = explain(
            user,
            client_id or min(settings.allowed_clients, default=""),
            simulation_parts(settings, invocation.aws, old),
            password=password,
        )
    except Stop as stop:
        raise AwsUnavailable(
            "a pool or the ledger cannot be read",
            cause=stop.cause,
            fix="use a profile that may read both pools, their clients and users, and the ledger; "
            "--old-profile names another one for the old pool",
        ) from None
    invocation.render.result("simulate", as_data(explanation), text=screen(explanation))
    return 0


def _password(invocation: Invocation, *, asks: bool, reads: bool) -> str | None:
    if not asks and not reads:
        return None
    invocation.render.say(COUNTS)
    return piped_password() if reads else typed_password(invocation)
