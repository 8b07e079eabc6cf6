"""One contract for the guard's look at the old pool: the fake, simulator, moto and local stack keep it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from cutover.aws.old_directory import PAGE, CognitoOldDirectory
from cutover.control.taken_names import PoolUser
from cutover.users.decision_table import Decision, Stop
from tests.fakes.guarding import FakeDirectory
from tests.simulator.service import Simulator

POOL = "eu-west-1_Old000001"
PROFILE = {"email": "ann@example.com", "phone_number": "+15550100", "preferred_username": "annie"}


class Fake:
    def __init__(self) -> None:
        self.directory: Any = FakeDirectory()

    def person(self, name: str, **attributes: str) -> str:
        sub = f"sub-of-{name}"
        self.directory.people.append(PoolUser(name, sub, "CONFIRMED", attributes, time.time()))
        return sub


class Emulated:
    def __init__(self, cognito: Any) -> None:
        self._cognito = cognito
        self._pool = cognito.create_user_pool(PoolName="old")["UserPool"]["Id"]
        self.directory: Any = CognitoOldDirectory(cognito, self._pool)

    def person(self, name: str, **attributes: str) -> str:
        rows = [{"Name": name, "Value": value} for name, value in attributes.items()]
        made = self._cognito.admin_create_user(
            UserPoolId=self._pool, Username=name, UserAttributes=rows, MessageAction="SUPPRESS"
        )
        return next(row["Value"] for row in made["User"]["Attributes"] if row["Name"] == "sub")


@pytest.fixture(
    params=["fake", "simulator", "moto", pytest.param("local stack", marks=pytest.mark.local_stack)]
)
def old(request: pytest.FixtureRequest) -> Iterator[Fake | Emulated]:
    if request.param == "fake":
        yield Fake()
    elif request.param == "simulator":
        yield Emulated(Simulator(time.time).client())
    elif request.param == "moto":
        with mock_aws():
            yield Emulated(boto3.client("cognito-idp", region_name="eu-west-1"))
    else:
        url = request.getfixturevalue("local_stack")
        yield Emulated(boto3.client("cognito-idp", region_name="us-east-1", endpoint_url=url))


def having(old: Fake | Emulated, attribute: str, value: str) -> list[str]:
    return [user.name for page in old.directory.having(attribute, value) for user in page]


def test_whoever_is_called_so_is_shown_whole(old: Fake | Emulated) -> None:
    sub = old.person("ann", **PROFILE)
    found = old.directory.named("ann")
    assert (found.name, found.sub) == ("ann", sub)
    assert found.attributes.items() >= PROFILE.items()
    assert abs(found.created_at - time.time()) < 120


def test_nobody_is_called_so(old: Fake | Emulated) -> None:
    old.person("ann")
    assert old.directory.named("bea") is None


@pytest.mark.parametrize("attribute", list(PROFILE))
def test_whoever_has_a_value_is_found_by_it(old: Fake | Emulated, attribute: str) -> None:
    old.person("ann", **PROFILE)
    old.person("bea", email="bea@example.com")
    assert having(old, attribute, PROFILE[attribute]) == ["ann"]


def test_all_who_share_a_value_are_found(old: Fake | Emulated) -> None:
    for name in ("ann", "bea", "cai"):
        old.person(name, email="all@example.com")
    assert sorted(having(old, "email", "all@example.com")) == ["ann", "bea", "cai"]


@pytest.mark.parametrize("value", ["ann", "ann@example.co", "nn@example.com"])
def test_part_of_a_value_finds_nobody(old: Fake | Emulated, value: str) -> None:
    old.person("ann", **PROFILE)
    assert having(old, "email", value) == []


def _stubbed() -> tuple[Any, Stubber]:
    client = boto3.client(
        "cognito-idp", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    return client, Stubber(client)


@pytest.mark.parametrize(
    ("value", "asked"),
    [
        ("ann@example.com", 'email = "ann@example.com"'),
        ('a" or "b@x.org', r'email = "a\" or \"b@x.org"'),
        ('"', r'email = "\""'),
        ("\\", r'email = "\\"'),
        ('\\"', r'email = "\\\""'),
        ('x" ^= "', r'email = "x\" ^= \""'),
    ],
)
def test_no_value_ends_the_filters_quotation_marks(value: str, asked: str) -> None:
    """Source: https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html"""
    client, stub = _stubbed()
    stub.add_response("list_users", {"Users": []}, {"UserPoolId": POOL, "Filter": asked, "Limit": PAGE})
    with stub:
        assert list(CognitoOldDirectory(client, POOL).having("email", value)) == [[]]
        stub.assert_no_pending_responses()


def test_only_a_missing_token_ends_the_listing() -> None:
    client, stub = _stubbed()
    asked = {"UserPoolId": POOL, "Filter": 'email = "all@x.org"', "Limit": PAGE}
    ann, bea = (
        {"Username": name, "Attributes": [{"Name": "sub", "Value": f"s-{name}"}], "UserStatus": "CONFIRMED"}
        for name in ("ann", "bea")
    )
    stub.add_response("list_users", {"Users": [], "PaginationToken": "1"}, asked)
    stub.add_response(
        "list_users", {"Users": [ann], "PaginationToken": "2"}, {**asked, "PaginationToken": "1"}
    )
    stub.add_response("list_users", {"Users": [], "PaginationToken": "3"}, {**asked, "PaginationToken": "2"})
    stub.add_response("list_users", {"Users": [bea]}, {**asked, "PaginationToken": "3"})
    with stub:
        pages = list(CognitoOldDirectory(client, POOL).having("email", "all@x.org"))
        stub.assert_no_pending_responses()
    assert [[user.name for user in page] for page in pages] == [[], ["ann"], [], ["bea"]]


def test_a_page_is_not_asked_for_before_the_one_in_front_of_it_was_taken() -> None:
    client, stub = _stubbed()
    asked = {"UserPoolId": POOL, "Filter": 'email = "all@x.org"', "Limit": PAGE}
    stub.add_response("list_users", {"Users": [], "PaginationToken": "1"}, asked)
    with stub:
        assert next(iter(CognitoOldDirectory(client, POOL).having("email", "all@x.org"))) == []


ERRORS = {
    "TooManyRequestsException": (400, Decision.OLD_POOL_THROTTLED),
    "InternalErrorException": (500, Decision.OLD_POOL_UNAVAILABLE),
    "AccessDeniedException": (400, Decision.MISCONFIGURED),
    "ResourceNotFoundException": (400, Decision.MISCONFIGURED),
    "InvalidParameterException": (400, Decision.MISCONFIGURED),
}


@pytest.mark.parametrize("code", list(ERRORS))
@pytest.mark.parametrize("call", ["named", "having"])
def test_a_pool_that_does_not_say_is_no_pool_without_the_user(call: str, code: str) -> None:
    client, stub = _stubbed()
    status, decision = ERRORS[code]
    stub.add_client_error("admin_get_user" if call == "named" else "list_users", code, "x", status)
    directory = CognitoOldDirectory(client, POOL)
    with stub, pytest.raises(Stop) as stopped:
        directory.named("ann") if call == "named" else list(directory.having("email", "a@x.org"))
    assert (stopped.value.decision, stopped.value.cause) == (decision, f"old pool {code}")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("UserNotFoundException", "User does not exist."),
        ("InvalidParameterException", "Username should be either an email or a phone number."),
    ],
)
def test_a_name_that_the_pool_cannot_have_is_nobodys(code: str, message: str) -> None:
    client, stub = _stubbed()
    stub.add_client_error("admin_get_user", code, message, 400)
    with stub:
        assert CognitoOldDirectory(client, POOL).named("ann") is None
