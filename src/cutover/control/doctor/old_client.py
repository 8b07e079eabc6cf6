"""The app client by which the trigger asks the old pool."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.app_clients import DEFAULT_FLOWS
from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding

FLOW = "ALLOW_ADMIN_USER_PASSWORD_AUTH"
_OURS = {FLOW, "ADMIN_NO_SRP_AUTH"}
"""The flow that the trigger uses, and its older name."""
_HARMLESS = {"ALLOW_REFRESH_TOKEN_AUTH"}


def check(facts: DoctorFacts) -> Iterator[Finding]:
    client_id = facts.deployment.parameter("OldClientId")
    if not client_id:
        return
    if not facts.old_client_found:
        yield Finding(
            "old_client_missing",
            f"the old pool has no app client {client_id}",
            "the stack's parameter OldClientId names it",
            "make one that allows ALLOW_ADMIN_USER_PASSWORD_AUTH and nothing else, and deploy with its id",
        )
        return
    client = facts.old_client
    if client is None:
        return
    flows = set(client.get("ExplicitAuthFlows") or DEFAULT_FLOWS)
    if not flows & _OURS:
        yield Finding(
            "old_client_flow",
            f"the old pool's client {client_id} does not allow the sign-in that the trigger makes",
            f"it allows {', '.join(sorted(flows))}",
            f"allow {FLOW}; better, make a client for this migration alone",
        )
    yield from _secret(client_id, bool(client.get("HasSecret")), facts)
    others = flows - _OURS - _HARMLESS
    if others or client.get("AllowedOAuthFlowsUserPoolClient"):
        more = [*sorted(others), *(["OAuth"] if client.get("AllowedOAuthFlowsUserPoolClient") else [])]
        yield Finding(
            "old_client_open",
            f"the old pool's client {client_id} allows more than the migration needs",
            f"{', '.join(more)}: an application seems to use it, and closing it later would close that, too",
            "make a client for this migration alone",
        )


def _secret(client_id: str, has_one: bool, facts: DoctorFacts) -> Iterator[Finding]:
    given = facts.deployment.parameter("OldClientSecretArn")
    if has_one and not given:
        yield Finding(
            "old_client_secret_missing",
            f"the old pool's client {client_id} has a secret, and the stack was not told where it is",
            "Cognito refuses every sign-in that does not prove the client's secret",
            "put the secret into Secrets Manager and its ARN into the parameter OldClientSecretArn",
            ("init",),
        )
    if given and not has_one:
        yield Finding(
            "old_client_secret_unused",
            f"the old pool's client {client_id} has no secret",
            "the stack's parameter OldClientSecretArn names one all the same",
            "empty OldClientSecretArn and deploy",
        )
