"""App clients of both pools: who fires the trigger, and by whom the old pool is asked."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.control.doctor.facts import DoctorFacts
from tests.control.doctor.healthy import OLD_CLIENT, codes, deployment, healthy, only, with_clients

SRP = {"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]}


def with_old_client(parameters: dict[str, str] | None = None, **settings: Any) -> DoctorFacts:
    return healthy(old_client={**OLD_CLIENT, **settings}, deployment=deployment(**(parameters or {})))


def test_a_client_without_a_password_flow_is_told_the_command_that_gives_it_one() -> None:
    facts = with_clients({}, {"ClientId": "srp", **SRP})
    assert only(facts, "client_cannot_fire").words == ("attach", "--client", "srp")


def test_where_another_client_can_the_migration_works() -> None:
    assert "no_client_can_fire" not in codes(with_clients({}, {"ClientId": "srp", **SRP}))


def test_where_no_client_can_nobody_comes_over() -> None:
    assert "no_client_can_fire" in codes(with_clients(SRP))


def test_a_client_of_machines_is_no_client_to_change() -> None:
    machines = {"ClientId": "m2m", "AllowedOAuthFlows": ["client_credentials"], **SRP}
    facts = with_clients({}, machines)
    assert codes(facts) == ["client_of_machines"]


def test_a_pool_of_machines_alone_has_no_client_to_name() -> None:
    facts = with_clients({"AllowedOAuthFlows": ["client_credentials"], **SRP})
    assert only(facts, "no_client_can_fire").words == ()


def test_a_client_whose_errors_tell_who_exists_is_named() -> None:
    assert codes(with_clients({"PreventUserExistenceErrors": "LEGACY"})) == ["client_tells_users"]


def test_a_client_that_signs_in_by_srp_too_is_noted() -> None:
    flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
    assert codes(with_clients({"ExplicitAuthFlows": flows})) == ["client_fires_partly"]


def test_a_client_without_a_list_of_attributes_is_noted() -> None:
    assert codes(with_clients({"WriteAttributes": []})) == ["client_without_list"]


def test_an_allowed_client_that_the_pool_does_not_have_is_named() -> None:
    facts = with_clients({}, allowed=frozenset({"app", "gone"}))
    assert "gone" in only(facts, "allowed_client_unknown").what


def test_an_old_client_that_does_not_exist_is_an_error() -> None:
    assert codes(healthy(old_client=None, old_client_found=False)) == ["old_client_missing"]


def test_an_old_client_without_the_triggers_flow_is_an_error() -> None:
    assert "old_client_flow" in codes(with_old_client(**SRP))


@pytest.mark.parametrize("flow", ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
def test_the_triggers_flow_counts_by_either_name(flow: str) -> None:
    assert codes(with_old_client(ExplicitAuthFlows=[flow, "ALLOW_REFRESH_TOKEN_AUTH"])) == []


def test_an_old_client_that_an_application_uses_is_named() -> None:
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]
    assert codes(with_old_client(ExplicitAuthFlows=flows)) == ["old_client_open"]


def test_a_secret_that_the_stack_does_not_know_is_an_error() -> None:
    assert codes(with_old_client(HasSecret=True)) == ["old_client_secret_missing"]


def test_a_secret_that_the_client_does_not_have_is_named() -> None:
    given = {"OldClientSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}
    assert codes(with_old_client(given)) == ["old_client_secret_unused"]
    assert codes(with_old_client(given, HasSecret=True)) == []
