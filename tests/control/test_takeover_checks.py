"""By which attributes a user can take another's sign-in name, client by client."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.control.pool_ports import AppClient
from cutover.control.takeover_checks import OldSignUp, changeable_names, refuse_old_sign_up
from tests.fakes.cognito import a_pool, attribute

EVERYTHING = AppClient({"ClientId": "web"})


def client(*writes: str) -> AppClient:
    return AppClient({"ClientId": "web", "WriteAttributes": list(writes)})


def verified(*names: str) -> dict[str, Any]:
    return {"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": list(names)}}


def taken_by(*clients: AppClient, **pool: Any) -> list[str]:
    return [refusal.message.split()[-1] for refusal in changeable_names(a_pool(**pool), clients)]


@pytest.mark.parametrize("signs_in_by", ["AliasAttributes", "UsernameAttributes"])
@pytest.mark.parametrize("name", ["email", "phone_number"])
@pytest.mark.parametrize("writer", [EVERYTHING, client(), client("email", "phone_number")])
def test_a_contact_that_changes_before_it_is_verified(signs_in_by: str, name: str, writer: AppClient) -> None:
    assert taken_by(writer, **{signs_in_by: [name]}) == [name]


@pytest.mark.parametrize("name", ["email", "phone_number"])
def test_a_contact_that_is_verified_before_it_changes_is_safe(name: str) -> None:
    assert taken_by(EVERYTHING, AliasAttributes=[name], **verified(name)) == []


def test_a_contact_is_not_safe_because_the_other_one_is_verified_first() -> None:
    found = taken_by(EVERYTHING, UsernameAttributes=["email", "phone_number"], **verified("email"))
    assert found == ["phone_number"]


def test_a_preferred_user_name_is_never_verified() -> None:
    assert taken_by(EVERYTHING, AliasAttributes=["preferred_username"], **verified("email")) == [
        "preferred_username"
    ]


@pytest.mark.parametrize("name", ["email", "phone_number", "preferred_username"])
def test_what_no_client_may_write_is_safe(name: str) -> None:
    assert taken_by(client("nickname"), AliasAttributes=[name]) == []


def test_one_client_that_may_write_it_is_enough() -> None:
    assert taken_by(client("nickname"), EVERYTHING, AliasAttributes=["email"]) == ["email"]


def test_what_cannot_be_changed_after_creation_is_safe() -> None:
    schema = [attribute("email", Mutable=False)]
    assert taken_by(EVERYTHING, UsernameAttributes=["email"], SchemaAttributes=schema) == []


def test_a_pool_of_user_names_alone_is_safe() -> None:
    assert taken_by(EVERYTHING) == []


def test_without_app_clients_nobody_changes_anything() -> None:
    assert taken_by(AliasAttributes=["email"]) == []


def test_the_refusal_names_the_clients_and_both_ways_out() -> None:
    (refusal,) = changeable_names(a_pool(AliasAttributes=["email"]), [EVERYTHING])
    assert "web" in refusal.cause
    assert "AttributesRequireVerificationBeforeUpdate" in refusal.fix
    assert "WriteAttributes" in refusal.fix


def test_no_word_passes_a_sign_in_name_that_can_be_changed() -> None:
    (refusal,) = changeable_names(a_pool(AliasAttributes=["email"]), [EVERYTHING])
    assert refusal.options == ()


def test_a_closed_old_pool_refuses_nothing() -> None:
    assert refuse_old_sign_up(OldSignUp(open=False)) is None


@pytest.mark.parametrize("old", [OldSignUp(open=True), OldSignUp(None, "AccessDeniedException")])
def test_an_old_pool_that_is_open_or_unknown_is_passed_by_a_word(old: OldSignUp) -> None:
    refusal = refuse_old_sign_up(old)
    assert refusal is not None
    assert refusal.options == ("--old-sign-up-open",)
