"""Which app clients can fire the trigger, and why the others never will."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.control.app_clients import ClientReport, report_clients
from cutover.control.pool_ports import AppClient

HOSTED = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "SupportedIdentityProviders": ["COGNITO"],
}


def report(
    *, domain: str | None = None, allowed: frozenset[str] = frozenset(), **settings: Any
) -> ClientReport:
    pool = {"Domain": domain} if domain else {}
    client = AppClient({"ClientId": "c1", "ClientName": "web", **settings})
    return report_clients([client], pool, allowed)[0]


@pytest.mark.parametrize(
    "flow",
    ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"],
)
def test_a_flow_that_brings_the_password_fires_it(flow: str) -> None:
    assert report(ExplicitAuthFlows=[flow]).ways == (flow,)


@pytest.mark.parametrize(
    "flows",
    [
        ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ["ALLOW_CUSTOM_AUTH"],
        ["ALLOW_USER_AUTH"],
        ["CUSTOM_AUTH_FLOW_ONLY"],
        [],
        None,
    ],
)
def test_any_other_flow_never_does(flows: list[str] | None) -> None:
    found = report(**({} if flows is None else {"ExplicitAuthFlows": flows}))
    assert not found.can_fire
    assert "password" in found.why_never


def test_the_hosted_pages_of_a_pool_with_a_domain_fire_it() -> None:
    assert report(domain="d", **HOSTED).ways == ("hosted sign-in pages",)


def test_hosted_pages_without_a_domain_never_do() -> None:
    assert "no domain" in report(**HOSTED).why_never


@pytest.mark.parametrize(
    "off",
    [
        {"AllowedOAuthFlowsUserPoolClient": False},
        {"SupportedIdentityProviders": ["Google"]},
        {"AllowedOAuthFlows": ["client_credentials"]},
    ],
)
def test_a_client_whose_pages_ask_no_password_of_the_pool_never_does(off: dict[str, Any]) -> None:
    assert not report(domain="d", **{**HOSTED, **off}).can_fire


def test_a_client_of_machines_is_named_as_one() -> None:
    assert "machines" in report(AllowedOAuthFlows=["client_credentials"]).why_never


def test_a_client_that_the_stack_does_not_allow_never_does() -> None:
    found = report(allowed=frozenset({"c2"}), ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])
    assert (found.can_fire, "AllowedClientIds" in found.why_never) == (False, True)


def test_a_client_that_the_stack_allows_does() -> None:
    assert report(allowed=frozenset({"c1"}), ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]).can_fire


@pytest.mark.parametrize(("setting", "noted"), [("ENABLED", False), ("LEGACY", True), (None, True)])
def test_a_client_that_tells_who_exists_is_noted(setting: str | None, noted: bool) -> None:
    settings = {} if setting is None else {"PreventUserExistenceErrors": setting}
    assert any("PreventUserExistenceErrors" in note for note in report(**settings).notes) is noted
