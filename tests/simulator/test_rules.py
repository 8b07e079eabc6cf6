"""The simulator's own rules, where a test of the users' half rests on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.attacks.clock import Clock
from tests.simulator.mail import Message
from tests.simulator.pool import Pool, User
from tests.simulator.service import Simulator
from tests.simulator.triggers import Fate

RIGHT, OTHER = "Correct-horse-1", "Another-horse-1"
PROFILE = {"email": "ann@example.com", "email_verified": "true"}
MIGRATED = {"userAttributes": PROFILE, "finalUserStatus": "CONFIRMED", "messageAction": "SUPPRESS"}
FLOWS = ["ALLOW_USER_PASSWORD_AUTH"]


class Stage:
    """One pool with a client that hides who exists; the trigger answers `told`."""

    def __init__(self, *, hides: bool = True, **settings: Any) -> None:
        self.clock = Clock()
        self.sim = Simulator(self.clock)
        self.told: dict[str, Any] = {}
        self.asked = 0
        arns = {"UserMigration": "migrate", "PreSignUp": "guard"}
        self.pool: Pool = self.sim.add_pool(LambdaConfig=arns, AutoVerifiedAttributes=["email"], **settings)
        errors = "ENABLED" if hides else "LEGACY"
        self.sim.add_client(self.pool, "web", ExplicitAuthFlows=FLOWS, PreventUserExistenceErrors=errors)
        self.sim.functions.by_arn.update(migrate=self.migrate, guard=self.guard)
        self.refuses = False
        self.cognito = self.sim.client()

    def migrate(self, event: dict[str, Any], _: object) -> dict[str, Any]:
        self.asked += 1
        return {**event, "response": {**event["response"], **self.told}}

    def guard(self, event: dict[str, Any], _: object) -> dict[str, Any]:
        if self.refuses:
            raise ValueError("taken")
        return event

    def user(self, name: str = "ann", status: str = "CONFIRMED", **attributes: str) -> User:
        made = User(name, self.pool.new_sub(), attributes or dict(PROFILE), status, 0.0, password=RIGHT)
        self.pool.add(made)
        return made

    def sign_in(self, name: str = "ann", password: str = RIGHT) -> str:
        given = {"USERNAME": name, "PASSWORD": password}
        return self.seen(
            lambda: self.cognito.initiate_auth(
                ClientId="web", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given
            )
        )

    def token(self, name: str = "ann") -> str:
        given = {"USERNAME": name, "PASSWORD": RIGHT}
        reply = self.cognito.initiate_auth(
            ClientId="web", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given
        )
        return str(reply["AuthenticationResult"]["AccessToken"])

    def sign_up(self, name: str, mail: str) -> str:
        rows = [{"Name": "email", "Value": mail}]
        return self.seen(
            lambda: self.cognito.sign_up(ClientId="web", Username=name, Password=RIGHT, UserAttributes=rows)
        )

    def confirm(self, name: str, mail: str, *, force: bool = False) -> str:
        letter = self.sim.mail.newest(mail, "sign_up")
        assert isinstance(letter, Message)
        return self.seen(
            lambda: self.cognito.confirm_sign_up(
                ClientId="web", Username=name, ConfirmationCode=letter.code, ForceAliasCreation=force
            )
        )

    def seen(self, call: Callable[[], Any]) -> str:
        try:
            call()
        except ClientError as error:
            return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
        return "in"


def test_a_confirmed_answer_signs_in_and_is_asked_for_once() -> None:
    stage = Stage()
    stage.told = MIGRATED
    assert [stage.sign_in(), stage.sign_in(), stage.asked] == ["in", "in", 1]


def test_an_empty_answer_looks_like_a_wrong_password_and_makes_nobody() -> None:
    stage = Stage()
    assert stage.sign_in() == "NotAuthorizedException: Incorrect username or password."
    assert stage.pool.users == []


def test_a_client_that_hides_nothing_says_that_nobody_is_there() -> None:
    assert Stage(hides=False).sign_in().startswith("UserNotFoundException")


@pytest.mark.parametrize(
    ("fate", "asked", "there", "seen"),
    [
        (Fate.UNREACHED, 1, 1, "in"),
        (Fate.LATE, 2, 1, "in"),
        (Fate.FORGOTTEN, 1, 0, "UserNotFoundException"),
        (Fate.UNSEEN, 1, 1, "UserNotFoundException"),
    ],
)
def test_an_answer_may_get_lost_in_four_ways(fate: Fate, asked: int, there: int, seen: str) -> None:
    stage = Stage()
    stage.told = MIGRATED
    stage.sim.functions.fates.append(fate)
    assert stage.sign_in().startswith(seen)
    assert (stage.asked, len(stage.pool.users)) == (asked, there)


def test_three_late_answers_are_the_last() -> None:
    stage = Stage()
    stage.told = MIGRATED
    stage.sim.functions.fates.extend([Fate.LATE] * 3)
    assert stage.sign_in() == "UserNotFoundException: Exception migrating user in app client web"
    assert (stage.asked, stage.pool.users) == (3, [])


def test_without_a_final_status_the_password_does_not_count() -> None:
    stage = Stage(hides=False)
    stage.told = {"userAttributes": PROFILE}
    assert stage.sign_in().startswith("PasswordResetRequiredException")
    assert stage.pool.users[0].password is None


def test_an_alias_that_somebody_holds_fails_the_migration() -> None:
    stage = Stage(AliasAttributes=["email"])
    stage.user("bea")
    stage.told = MIGRATED
    assert "already exists" in stage.sign_in("ann")
    assert len(stage.pool.users) == 1


@pytest.mark.parametrize("source", ["", "PreSignUp_AdminCreateUser", "PreSignUp_SignUp"])
def test_whether_pre_sign_up_runs_during_a_migration_is_a_switch(source: str) -> None:
    stage = Stage()
    stage.told, stage.refuses = MIGRATED, True
    stage.sim.sign_up_source_of_migration = source
    assert stage.sign_in().startswith("UserNotFoundException" if source else "in")


def test_a_refused_sign_up_makes_nobody() -> None:
    stage = Stage()
    stage.refuses = True
    assert stage.sign_up("ann", "eve@example.com").startswith("UserLambdaValidationException")
    assert stage.pool.users == []


def test_after_five_wrong_passwords_the_right_one_has_to_wait() -> None:
    stage = Stage()
    stage.user()
    for _ in range(5):
        stage.sign_in(password=OTHER)
    assert stage.sign_in() == "NotAuthorizedException: Password attempts exceeded"
    stage.clock.step(2)
    assert stage.sign_in() == "in"


def test_an_alias_moves_only_where_it_is_forced_to() -> None:
    stage = Stage(AliasAttributes=["email"])
    holder = stage.user("ann")
    stage.sign_up("bea", "ann@example.com")
    assert stage.confirm("bea", "ann@example.com").startswith("AliasExistsException")
    assert stage.confirm("bea", "ann@example.com", force=True) == "in"
    assert holder.attributes["email_verified"] == "false"


def test_a_new_address_that_has_to_be_verified_counts_only_then() -> None:
    settings = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    stage = Stage(UserAttributeUpdateSettings=settings)
    user, token = stage.user(), stage.token()
    stage.cognito.update_user_attributes(
        AccessToken=token, UserAttributes=[{"Name": "email", "Value": "new@example.com"}]
    )
    assert user.attributes == PROFILE
    letter = stage.sim.mail.newest("new@example.com", "verify email")
    assert letter is not None
    stage.cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=letter.code)
    assert user.attributes["email"] == "new@example.com"


def test_a_client_may_not_write_a_flag_or_a_custom_attribute() -> None:
    stage = Stage()
    stage.user()
    for name in ("email_verified", "custom:old_sub"):
        rows = [{"Name": name, "Value": "true"}]
        change = {"AccessToken": stage.token(), "UserAttributes": rows}
        assert stage.seen(lambda change=change: stage.cognito.update_user_attributes(**change)).startswith(
            "NotAuthorizedException"
        )


def test_a_code_goes_to_a_verified_address_alone() -> None:
    stage = Stage()
    stage.user(email="ann@example.com", email_verified="false")
    asked = stage.seen(lambda: stage.cognito.forgot_password(ClientId="web", Username="ann"))
    assert asked.startswith("InvalidParameterException")
    assert stage.sim.mail.sent == []


def test_users_are_listed_by_a_filter_in_short_pages() -> None:
    stage = Stage()
    for name in ("ann", "anders", "bea"):
        stage.user(name)
    stage.sim.page_size = 1
    pages = stage.cognito.get_paginator("list_users").paginate(
        UserPoolId=stage.pool.id, Filter='username ^= "an"'
    )
    assert [[user["Username"] for user in page["Users"]] for page in pages] == [["ann"], ["anders"]]
