"""Whose credentials sign a call, and where it goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import botocore
import pytest
from botocore.exceptions import NoCredentialsError, ProfileNotFound
from moto import mock_aws

from cutover.aws.session import Aws
from cutover.errors import UsageError
from tests.fakes.sts import short_lived_sts

ROLE = "arn:aws:iam::222222222222:role/reader"


@mock_aws
def test_a_role_of_another_account_is_assumed() -> None:
    caller = Aws(region="eu-west-1", role_arn=ROLE, external_id="secret-handshake").client("sts")
    assert caller.get_caller_identity()["Arn"].startswith(
        "arn:aws:sts::222222222222:assumed-role/reader/cutover"
    )


@mock_aws
def test_without_a_role_the_callers_own_credentials_sign() -> None:
    assert Aws(region="eu-west-1").client("sts").get_caller_identity()["Account"] == "123456789012"


def test_the_external_id_and_a_name_that_tells_us_apart_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with short_lived_sts() as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)
        Aws(region="eu-west-1", role_arn=ROLE, external_id="handshake").client("sts").get_caller_identity()
        assert sts.assumed[0]["RoleArn"] == ROLE
        assert sts.assumed[0]["ExternalId"] == "handshake"
        assert sts.assumed[0]["RoleSessionName"] == "cutover"


@mock_aws
def test_every_call_says_that_it_is_ours_and_of_which_sdk() -> None:
    sent: list[str] = []
    client = Aws(region="eu-west-1").client("sts")
    client.meta.events.register(
        "before-send.sts", lambda request, **_: sent.append(request.headers["User-Agent"])
    )
    client.get_caller_identity()
    (agent,) = (one.decode() if isinstance(one, bytes) else one for one in sent)
    assert "cutover" in agent.split()
    assert f"Botocore/{botocore.__version__}" in agent


def test_credentials_that_are_about_to_expire_are_refreshed(monkeypatch: pytest.MonkeyPatch) -> None:
    with short_lived_sts(seconds=60) as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)
        client = Aws(region="eu-west-1", role_arn=ROLE).client("sts")
        client.get_caller_identity()
        client.get_caller_identity()
        first, second = sts.keys
        assert first != second


def test_credentials_with_time_left_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with short_lived_sts(seconds=3600) as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)
        client = Aws(region="eu-west-1", role_arn=ROLE).client("sts")
        client.get_caller_identity()
        client.get_caller_identity()
        assert len(sts.assumed) == 1


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"])
def test_the_endpoint_variables_of_the_sdk_are_honoured(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with short_lived_sts() as sts:
        monkeypatch.setenv(variable, sts.url)
        Aws(region="eu-west-1").client("sts").get_caller_identity()
        assert sts.keys == ["testing"]


def test_an_endpoint_of_the_command_line_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    with short_lived_sts() as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
        Aws(region="eu-west-1", endpoint_url=sts.url).client("sts").get_caller_identity()
        assert sts.keys == ["testing"]


def test_a_role_is_assumed_at_the_endpoint_of_the_command_line() -> None:
    with short_lived_sts() as sts:
        Aws(region="eu-west-1", endpoint_url=sts.url, role_arn=ROLE).client("sts").get_caller_identity()
        assert len(sts.assumed) == 1


def test_nothing_is_retried_unless_asked() -> None:
    retries = Aws(region="eu-west-1").client("sts").meta.config.retries
    assert retries["total_max_attempts"] == 1


def test_another_region_keeps_the_caller() -> None:
    there = Aws(region="eu-west-1", endpoint_url="http://127.0.0.1:1").elsewhere(region="us-east-1")
    assert (there.region, there.endpoint_url) == ("us-east-1", "http://127.0.0.1:1")


def test_each_client_is_of_the_region_it_was_asked_for() -> None:
    here = Aws(region="eu-west-1")
    clients = [here.client("sqs"), here.elsewhere(region="us-east-1").client("sqs"), here.client("sqs")]
    assert [client.meta.region_name for client in clients] == ["eu-west-1", "us-east-1", "eu-west-1"]


@mock_aws
def test_a_role_elsewhere_leaves_the_caller_here_what_it_was() -> None:
    here = Aws(region="eu-west-1")
    there = here.elsewhere(role_arn=ROLE)
    accounts = [aws.client("sts").get_caller_identity()["Account"] for aws in (there, here, there)]
    assert accounts == ["222222222222", "123456789012", "222222222222"]


def test_a_role_without_any_credentials_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    with pytest.raises(NoCredentialsError):
        Aws(region="eu-west-1", role_arn=ROLE).client("sts")


def test_a_profile_that_does_not_exist_says_so() -> None:
    with pytest.raises(ProfileNotFound):
        Aws(region="eu-west-1", profile="nobody").client("sts")


@pytest.mark.parametrize("variable", [None, "AWS_ENDPOINT_URL_STS"])
def test_an_endpoint_that_is_no_address_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    if variable:
        monkeypatch.setenv(variable, "nonsense")
    with pytest.raises(UsageError):
        Aws(region="eu-west-1", endpoint_url=None if variable else "nonsense").client("sts")


def test_threads_may_make_clients_at_once() -> None:
    aws = Aws(region="eu-west-1")
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(lambda _: aws.client("sts"), range(16)))) == 16
