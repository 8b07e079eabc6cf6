"""What the installed SDK does not know is seen in the reply itself, at any depth."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from cutover.control.pool_ports import UpdateRefused, UpdateUncertain
from cutover.errors import AwsUnavailable, InterlockRefused
from tests.control.pools import admin, bench
from tests.fakes.cognito import POOL_ID, AwsError, Cognito, a_pool, attribute


def refused_paths(pool: dict[str, Any]) -> str:
    with pytest.raises(InterlockRefused) as refused:
        admin(Cognito(pool)).describe()
    assert refused.value.interlock == "unknown_setting"
    return refused.value.cause


@pytest.mark.parametrize(
    ("strange", "path"),
    [
        ({"Novelty": {"On": True}}, "Novelty"),
        ({"Novelty": None}, "Novelty"),
        ({"LambdaConfig": {"PreNovelty": "arn"}}, "LambdaConfig.PreNovelty"),
        ({"Policies": {"PasswordPolicy": {"Entropy": 9}}}, "Policies.PasswordPolicy.Entropy"),
        (
            {
                "AccountRecoverySetting": {
                    "RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only", "By": "x"}]
                }
            },
            "AccountRecoverySetting.RecoveryMechanisms[].By",
        ),
        ({"SchemaAttributes": [attribute("email", Unique=True)]}, "SchemaAttributes[].Unique"),
    ],
)
def test_a_key_that_the_sdk_does_not_know_refuses(strange: dict[str, Any], path: str) -> None:
    assert path in refused_paths(a_pool(**strange))


def test_what_another_call_owns_and_shows_does_not_refuse() -> None:
    admin(Cognito(a_pool(SoftwareTokenMfaConfiguration={"Enabled": True}))).describe()


def test_a_tag_may_have_any_name() -> None:
    admin(Cognito(a_pool(UserPoolTags={"Novelty": "x"}))).describe()


def test_other_clients_of_the_process_are_not_listened_to() -> None:
    mine, theirs = Cognito(), Cognito(a_pool(Novelty=1))
    pool = admin(mine)
    theirs.client().describe_user_pool(UserPoolId=POOL_ID)
    pool.describe()


def test_a_setting_that_is_neither_an_input_nor_known_not_to_be_one_refuses() -> None:
    pool = admin(Cognito())
    shape = pool._calls.client.meta.service_model.operation_model("UpdateUserPool").input_shape  # noqa: SLF001
    del shape.members["UserPoolTags"]
    with pytest.raises(InterlockRefused) as refused:
        pool.describe()
    assert "UserPoolTags" in refused.value.cause


@pytest.mark.parametrize(
    "code", ["ConcurrentModificationException", "InternalErrorException", "TooManyRequestsException"]
)
def test_these_answers_leave_the_outcome_open(code: str) -> None:
    on = bench()
    on.service.before["UpdateUserPool"].append(_raise(AwsError(code)))
    with pytest.raises(UpdateUncertain):
        on.pool.update({"UserPoolId": POOL_ID})


def test_a_lost_reply_leaves_the_outcome_open() -> None:
    on = bench()
    on.service.before["UpdateUserPool"].append(_raise(ReadTimeoutError(endpoint_url="https://aws")))
    with pytest.raises(UpdateUncertain):
        on.pool.update({"UserPoolId": POOL_ID})


@pytest.mark.parametrize(
    ("code", "kind"),
    [("UserImportInProgressException", InterlockRefused), ("AccessDeniedException", AwsUnavailable)],
)
def test_these_answers_are_a_no(code: str, kind: type[Exception]) -> None:
    on = bench()
    on.service.before["UpdateUserPool"].append(_raise(AwsError(code)))
    with pytest.raises(UpdateRefused) as refused:
        on.pool.update({"UserPoolId": POOL_ID})
    assert isinstance(refused.value.error, kind)


def test_the_sdks_own_refusal_repeats_no_value() -> None:
    with pytest.raises(UpdateRefused) as refused:
        bench().pool.update({"UserPoolId": POOL_ID, "SmsConfiguration": {"ExternalId": ["hidden"]}})
    assert "SmsConfiguration.ExternalId" in refused.value.error.cause
    assert "hidden" not in refused.value.error.cause


def _raise(error: Exception) -> Any:
    def happen() -> None:
        raise error

    return happen
