"""Which app clients can fire the trigger, which never can, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cutover.control.pool_ports import AppClient, Settings

PASSWORD_FLOWS = frozenset(
    {"ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}
)
"""The flows that bring the password itself to Cognito; the last two are names of older app clients.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-import-using-lambda.html"""
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
"""What a client may do whose description names no flows:
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html"""


@dataclass(frozen=True)
class ClientReport:
    """`ways` are the sign-ins that fire the trigger; where there are none, `why_never` says why."""

    id: str
    name: str
    ways: tuple[str, ...]
    why_never: str = ""
    notes: tuple[str, ...] = ()

    @property
    def can_fire(self) -> bool:
        return bool(self.ways)

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "name": self.name,
            "can_fire": self.can_fire,
            "ways": list(self.ways),
            "why_never": self.why_never,
            "notes": list(self.notes),
        }


def report_clients(
    clients: Iterable[AppClient], pool: Settings, allowed: frozenset[str] = frozenset()
) -> tuple[ClientReport, ...]:
    """One report a client. `allowed` are the client ids that the trigger answers; empty: it answers all."""
    hosted = bool(pool.get("Domain") or pool.get("CustomDomain"))
    return tuple(_report(client, hosted_pages=hosted, allowed=allowed) for client in clients)


def _report(client: AppClient, *, hosted_pages: bool, allowed: frozenset[str]) -> ClientReport:
    flows = frozenset(client.settings.get("ExplicitAuthFlows") or DEFAULT_FLOWS)
    hosted = _hosted_sign_in(client)
    ways = [*sorted(flows & PASSWORD_FLOWS), *(["hosted sign-in pages"] if hosted and hosted_pages else [])]
    refused = bool(allowed) and client.id not in allowed
    if refused:
        why = "the stack's parameter AllowedClientIds does not name it"
    elif not ways:
        why = _why_never(client, flows, hosted)
    else:
        why = ""
    return ClientReport(
        client.id, client.name, () if refused else tuple(ways), why, tuple(_notes(client, flows))
    )


def _hosted_sign_in(client: AppClient) -> bool:
    settings = client.settings
    return (
        bool(settings.get("AllowedOAuthFlowsUserPoolClient"))
        and bool({"code", "implicit"} & set(settings.get("AllowedOAuthFlows") or ()))
        and "COGNITO" in (settings.get("SupportedIdentityProviders") or ())
    )


def _why_never(client: AppClient, flows: frozenset[str], hosted: bool) -> str:
    if client.settings.get("AllowedOAuthFlows") == ["client_credentials"]:
        return "it signs in machines, not users (client_credentials)"
    if hosted:
        return "it signs in by the hosted pages, and the pool has no domain for them"
    named = ", ".join(sorted(flows - {"ALLOW_REFRESH_TOKEN_AUTH"})) or "none"
    return f"no flow of it brings the password to Cognito (it has {named}); allow ALLOW_USER_PASSWORD_AUTH"


def _notes(client: AppClient, flows: frozenset[str]) -> Iterable[str]:
    if client.settings.get("PreventUserExistenceErrors", "LEGACY") != "ENABLED":
        yield "PreventUserExistenceErrors is off: its errors tell strangers which users exist"
    if flows & {"ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH"} and flows & PASSWORD_FLOWS:
        yield "sign-ins by SRP or choice-based flows do not fire the trigger, only those by password"
