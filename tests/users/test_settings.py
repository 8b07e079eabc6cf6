"""The environment of the functions: what it may say, and what is refused before anything is called."""

from __future__ import annotations

import pytest

from cutover.errors import UsageError
from cutover.users.settings import read_new_side, read_settings, region_of

ENVIRONMENT = {
    "NEW_USER_POOL_ID": "eu-west-1_new",
    "OLD_USER_POOL_ID": "us-east-1_old",
    "OLD_CLIENT_ID": "client",
    "LEDGER_TABLE": "ledger",
    "SETTLE_QUEUE_URL": "https://queue",
}


def test_what_is_optional_has_the_safe_default() -> None:
    settings = read_settings(ENVIRONMENT)
    assert not settings.accept_mfa
    assert not settings.forgot_password
    assert settings.renames is None
    assert settings.legacy_sub is None
    assert settings.allowed_clients == frozenset()
    assert not settings.reset_temporary_password
    assert not settings.reset_required_comes_over
    assert not settings.reset_weak_password
    assert settings.forgot_password_per_hour == 60
    assert settings.rollout_percent == 100


@pytest.mark.parametrize(
    ("name", "word"),
    [("TEMPORARY_PASSWORD", "keep"), ("RESET_REQUIRED", "on"), ("WEAK_PASSWORD", "refuse")]
    + [("ROLLOUT_PERCENT", word) for word in ("101", "-1", "half", "1.5", "\u0663")]
    + [("FORGOT_PASSWORD_PER_HOUR", word) for word in ("many", "1000001", "+1")],
)
def test_a_policy_that_is_none_is_refused_by_name(name: str, word: str) -> None:
    with pytest.raises(UsageError, match=name):
        read_settings({**ENVIRONMENT, name: word})


def test_a_policy_is_read() -> None:
    words = {"TEMPORARY_PASSWORD": "reset", "RESET_REQUIRED": "reset", "WEAK_PASSWORD": "reset"}
    settings = read_settings({**ENVIRONMENT, **words, "ROLLOUT_PERCENT": "0"})
    assert settings.reset_temporary_password
    assert settings.reset_required_comes_over
    assert settings.reset_weak_password
    assert settings.rollout_percent == 0


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_missing_is_named(name: str, value: str | None) -> None:
    environment = {**ENVIRONMENT, name: value} if value is not None else dict(ENVIRONMENT)
    if value is None:
        del environment[name]
    with pytest.raises(UsageError, match=name):
        read_settings(environment)  # type: ignore[arg-type]


def test_the_function_that_settles_needs_no_setting_of_the_old_pool() -> None:
    names = ("NEW_USER_POOL_ID", "LEDGER_TABLE", "SETTLE_QUEUE_URL")
    read_new_side({name: ENVIRONMENT[name] for name in names})


def test_empty_optional_settings_are_unset() -> None:
    optional = ("OLD_CLIENT_SECRET_ARN", "OLD_ROLE_ARN", "ATTRIBUTES", "MFA_POLICY", "FORGOT_PASSWORD")
    assert read_settings({**ENVIRONMENT, **dict.fromkeys(optional, "")}) == read_settings(ENVIRONMENT)


def test_the_old_region_stands_in_the_old_pools_id() -> None:
    assert read_settings(ENVIRONMENT).old_region == "us-east-1"
    assert read_settings({**ENVIRONMENT, "OLD_REGION": "sa-east-1"}).old_region == "sa-east-1"


@pytest.mark.parametrize(
    ("pool_id", "region"),
    [("us-gov-west-1_a", "us-gov-west-1"), ("eu-west-1_a_b", "eu-west-1"), ("local_x", None), ("x", None)],
)
def test_the_region_of_a_pool_id(pool_id: str, region: str | None) -> None:
    assert region_of(pool_id) == region


@pytest.mark.parametrize(
    ("text", "renames"),
    [
        ("name, email", (("name", "name"), ("email", "email"))),
        ("custom:a=custom:b", (("custom:a", "custom:b"),)),
        ("plan = tier", (("custom:plan", "custom:tier"),)),
        ("nickname=custom:nick,", (("nickname", "custom:nick"),)),
    ],
)
def test_an_allow_list(text: str, renames: tuple[tuple[str, str], ...]) -> None:
    assert read_settings({**ENVIRONMENT, "ATTRIBUTES": text}).renames == renames


@pytest.mark.parametrize(
    "text",
    [
        "sub",
        "custom:x=sub",
        "identities",
        "cognito:user_status",
        "name=username",
        "email_verified",
        "custom:flag=email_verified",
        "phone_number_verified=custom:flag",
        "custom:x=custom:old_sub",
        "name,name",
        "name=nickname,family_name=nickname",
    ],
)
def test_an_allow_list_that_would_break_a_promise_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="ATTRIBUTES"):
        read_settings({**ENVIRONMENT, "ATTRIBUTES": text, "LEGACY_SUB_ATTRIBUTE": "custom:old_sub"})


@pytest.mark.parametrize("text", ["=", "=name", "name=", "a=b=c", "name,a=", ",,", "custom:", "custom:=name"])
def test_an_allow_list_that_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="ATTRIBUTES"):
        read_settings({**ENVIRONMENT, "ATTRIBUTES": text})


@pytest.mark.parametrize(
    ("name", "value"),
    [("MFA_POLICY", "yes"), ("MFA_POLICY", "Accept"), ("FORGOT_PASSWORD", "true")],
)
def test_a_choice_that_does_not_exist_is_refused(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=name):
        read_settings({**ENVIRONMENT, name: value})


@pytest.mark.parametrize(
    ("given", "read"), [("old_sub", "custom:old_sub"), ("custom:before", "custom:before")]
)
def test_the_attribute_of_the_old_sub_is_a_custom_one(given: str, read: str) -> None:
    assert read_settings({**ENVIRONMENT, "LEGACY_SUB_ATTRIBUTE": given}).legacy_sub == read


@pytest.mark.parametrize("name", ["nickname", "sub", "email_verified", "custom:"])
def test_the_old_sub_goes_into_no_other_attribute(name: str) -> None:
    with pytest.raises(UsageError, match="LEGACY_SUB_ATTRIBUTE"):
        read_settings({**ENVIRONMENT, "LEGACY_SUB_ATTRIBUTE": name})


def test_a_pool_does_not_move_to_itself() -> None:
    with pytest.raises(UsageError, match="same pool"):
        read_settings({**ENVIRONMENT, "OLD_USER_POOL_ID": "eu-west-1_new"})


def test_a_list_that_allows_nobody_is_refused() -> None:
    with pytest.raises(UsageError, match="ALLOWED_CLIENT_IDS"):
        read_settings({**ENVIRONMENT, "ALLOWED_CLIENT_IDS": " , "})


def test_allowed_clients_are_a_list() -> None:
    assert read_settings({**ENVIRONMENT, "ALLOWED_CLIENT_IDS": "a, b,"}).allowed_clients == {"a", "b"}
