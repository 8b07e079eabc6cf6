"""What attach and detach rely on: on the strict service, on moto (which resets too), on the local stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from cutover.aws.client_admin import ClientAdmin
from cutover.aws.paced_calls import PacedCalls
from cutover.aws.pool_admin import PoolAdmin
from cutover.aws.pool_reads import app_clients, attribute_mappings, users
from cutover.control.client_settings import client_request, client_view_with, flows_with_password
from cutover.control.old_sub import check_attribute, definition
from cutover.control.pool_diff import differences
from cutover.control.pool_settings import request_with
from cutover.control.trigger_set import KINDS, putting_back
from tests.fakes.cognito import POOL_ID, Cognito, a_client, attribute

TRIGGER = "arn:aws:lambda:us-east-1:123456789012:function:migrate:live"
OTHER = "arn:aws:lambda:us-east-1:123456789012:function:other"
OURS: dict[str, Any] = {
    "UserMigration": TRIGGER,
    "PreSignUp": TRIGGER.replace("migrate", "guard"),
    "PreTokenGenerationConfig": {
        "LambdaVersion": "V2_0",
        "LambdaArn": TRIGGER.replace("migrate", "claims"),
    },
}
UNUSUAL: dict[str, Any] = {
    "AutoVerifiedAttributes": ["email"],
    "DeletionProtection": "ACTIVE",
    "UserPoolTags": {"team": "shop"},
    "LambdaConfig": {"CustomMessage": OTHER},
    "Policies": {"PasswordPolicy": {"MinimumLength": 14, "RequireSymbols": False}},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True},
    "SmsAuthenticationMessage": "your code is {####}",
}
CLIENT: dict[str, Any] = {
    "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    "RefreshTokenValidity": 12,
    "TokenValidityUnits": {"RefreshToken": "hours"},
    "CallbackURLs": ["https://shop.example/back"],
    "LogoutURLs": ["https://shop.example/out"],
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "SupportedIdentityProviders": ["COGNITO"],
    "WriteAttributes": ["email"],
    "PreventUserExistenceErrors": "ENABLED",
}


@dataclass
class World:
    """A pool with unusual settings somewhere, and a client to arrange things with."""

    client: Any
    pool_id: str
    service: Cognito | None = None

    def __post_init__(self) -> None:
        self.calls = PacedCalls(self.client, per_second=1e6, say=lambda _: None)
        self.pool = PoolAdmin(self.calls, self.pool_id)

    def add_clients(self, *names: str) -> None:
        for name in names:
            if self.service:
                self.service.clients[name] = {"ClientName": name}
            else:
                self.client.create_user_pool_client(UserPoolId=self.pool_id, ClientName=name)

    def add_client(self, name: str, *, secret: bool) -> str:
        """One with unusual settings; gives its id."""
        if self.service:
            hidden = {"ClientSecret": "hidden"} if secret else {}
            self.service.clients[name] = a_client(**CLIENT, **hidden)
            return name
        made = self.client.create_user_pool_client(
            UserPoolId=self.pool_id, ClientName=name, GenerateSecret=secret, **CLIENT
        )
        return str(made["UserPoolClient"]["ClientId"])

    def add_users(self, *names: str) -> None:
        for name in names:
            if self.service:
                mail = [{"Name": "sub", "Value": f"sub-{name}"}, {"Name": "email", "Value": f"{name}@x.org"}]
                self.service.users.append({"Username": name, "UserStatus": "CONFIRMED", "Attributes": mail})
            else:
                mail = [{"Name": "email", "Value": f"{name}@x.org"}]
                self.client.admin_create_user(
                    UserPoolId=self.pool_id,
                    Username=name,
                    UserAttributes=mail,
                    MessageAction="SUPPRESS",
                    TemporaryPassword="Long-enough-for-14",
                )

    def add_provider(self, name: str, mapping: dict[str, str]) -> None:
        if self.service:
            self.service.providers[name] = mapping
        else:
            self.client.create_identity_provider(
                UserPoolId=self.pool_id,
                ProviderName=name,
                ProviderType="OIDC",
                ProviderDetails={"client_id": "c", "oidc_issuer": "https://issuer.example"},
                AttributeMapping=mapping,
            )


def _client(**place: Any) -> Any:
    once = Config(retries={"total_max_attempts": 1})
    return boto3.client("cognito-idp", region_name="us-east-1", config=once, **place)


def _create(client: Any, name: str) -> World:
    made = client.create_user_pool(PoolName=name, **UNUSUAL)
    return World(client, made["UserPool"]["Id"])


@pytest.fixture(params=["strict", "moto", pytest.param("local stack", marks=pytest.mark.local_stack)])
def world(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[World]:
    if request.param == "strict":
        service = Cognito()
        service.pool.update(UNUSUAL)
        service.pool["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] = 7
        service.pool["AdminCreateUserConfig"]["UnusedAccountValidityDays"] = 7
        yield World(service.client(), POOL_ID, service)
    elif request.param == "moto":
        with mock_aws():
            yield _create(_client(), unique("pool"))
    else:
        endpoint = request.getfixturevalue("local_stack")
        yield _create(_client(endpoint_url=endpoint), unique("pool"))


def test_our_triggers_go_in_and_nothing_else_changes(world: World) -> None:
    before = world.pool.describe()
    request = request_with(before, OURS, world.pool.model)
    world.pool.update(request.inputs)
    found = differences(before.view, world.pool.describe().view, ignore=request.incomparable)
    assert [change.path for change in found] == [
        "LambdaConfig.PreSignUp",
        "LambdaConfig.PreTokenGenerationConfig.LambdaArn",
        "LambdaConfig.PreTokenGenerationConfig.LambdaVersion",
        "LambdaConfig.UserMigration",
    ]


def test_the_triggers_go_out_again_and_nothing_else_changes(world: World) -> None:
    before = world.pool.describe()
    request = request_with(before, OURS, world.pool.model)
    world.pool.update(request.inputs)
    back = {name: value for kind in KINDS for name, value in putting_back(kind, before.triggers).items()}
    world.pool.update(request_with(world.pool.describe(), back, world.pool.model).inputs)
    assert differences(before.view, world.pool.describe().view, ignore=request.incomparable) == ()


def test_an_added_attribute_passes_the_check(world: World) -> None:
    world.pool.add_attribute(definition("custom:before_it"))
    report = check_attribute("custom:before_it", world.pool.describe().settings, (), {})
    assert (report.missing, report.refusals) == (False, ())


def test_a_pool_that_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        PoolAdmin(world.calls, "us-east-1_nowhere1").describe()


def test_every_app_client_is_described(world: World) -> None:
    names = {f"client-{number}" for number in range(3)}
    world.add_clients(*names)
    assert {client.name for client in app_clients(world.calls, world.pool_id)} == names


@pytest.mark.parametrize("secret", [False, True])
def test_the_password_flow_goes_into_a_client_and_out_again(world: World, secret: bool) -> None:
    made = world.add_client("web", secret=secret)
    client = ClientAdmin(world.calls, world.pool_id, made)
    before = client.describe()
    assert before is not None
    flows = flows_with_password(before)
    client.update(client_request(before, world.pool_id, flows, client.model))
    after = client.describe()
    assert after is not None
    changed = differences(client_view_with(before, flows), after.view)
    assert (after.has_secret, changed) == (secret, ())
    client.update(client_request(after, world.pool_id, before.flows, client.model))
    back = client.describe()
    assert back is not None
    assert differences(before.view, back.view) == ()


def test_a_client_that_does_not_exist_is_none(world: World) -> None:
    assert ClientAdmin(world.calls, world.pool_id, "nosuchclient").describe() is None


def test_every_user_is_listed_over_all_pages(world: World) -> None:
    if world.service:
        world.service.page = 2
    world.add_users("ann", "bob", "cid")
    found = {user.name: user.attributes["email"] for user in users(world.calls, world.pool_id)}
    assert found == {"ann": "ann@x.org", "bob": "bob@x.org", "cid": "cid@x.org"}


def test_the_mapping_of_an_identity_provider_is_read(world: World) -> None:
    world.add_provider("Partner", {"custom:old_sub": "sub"})
    assert attribute_mappings(world.calls, world.pool_id) == {"Partner": {"custom:old_sub": "sub"}}


def test_the_strict_service_resets_what_is_left_out() -> None:
    service = Cognito()
    service.pool.update(UserPoolTags={"team": "shop"}, SchemaAttributes=[attribute("email")])
    service.client().update_user_pool(UserPoolId=POOL_ID)
    assert (service.pool["UserPoolTags"], service.pool["Name"]) == ({}, "reset")


def test_moto_resets_what_is_left_out() -> None:
    with mock_aws():
        world = _create(_client(), "pool")
        world.client.update_user_pool(UserPoolId=world.pool_id)
        assert "UserPoolTags" not in world.pool.describe().settings
