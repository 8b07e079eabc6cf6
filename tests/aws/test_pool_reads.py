"""The listings beside the pool: short pages, and an old pool that may not be listed."""

from __future__ import annotations

import pytest

from cutover.aws.paced_calls import PacedCalls
from cutover.aws.pool_reads import app_clients, attribute_mappings, old_users, users
from cutover.errors import AwsUnavailable
from tests.fakes.cognito import POOL_ID, AwsError, Cognito


def calls(service: Cognito) -> PacedCalls:
    return PacedCalls(
        service.client(), per_second=1e6, say=lambda _: None, clock=lambda: 0.0, sleep=lambda _: None
    )


def test_app_clients_are_read_over_all_pages() -> None:
    service = Cognito()
    service.page = 2
    service.clients = {f"c{number}": {"ClientName": f"n{number}"} for number in range(5)}
    assert len(app_clients(calls(service), POOL_ID)) == 5


def test_identity_providers_are_read_over_all_pages() -> None:
    service = Cognito()
    service.page = 1
    service.providers = {"Google": {"email": "email"}, "Partner": {"custom:old_sub": "sub"}}
    assert attribute_mappings(calls(service), POOL_ID) == service.providers


def test_a_user_without_attributes_is_a_user() -> None:
    service = Cognito()
    service.users = [{"Username": "ann"}]
    assert [(user.name, user.sub) for user in users(calls(service), POOL_ID)] == [("ann", "")]


def test_an_old_pool_that_may_not_be_listed_says_what_to_do() -> None:
    service = Cognito()

    def denied() -> None:
        raise AwsError("AccessDeniedException")

    service.before["ListUsers"].append(denied)
    with pytest.raises(AwsUnavailable, match="old pool") as refused:
        list(old_users(calls(service), POOL_ID))
    assert "--old-profile" in refused.value.fix
