"""Real user pools of an emulator, filled as the fake ones are."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from cutover.aws.new_pool import CognitoNewPool
from cutover.aws.old_pool import CognitoOldPool
from cutover.users.password_policy import PasswordPolicy
from cutover.users.ports import NewPool, OldPool, PoolRules
from cutover.users.write_rights import Rights
from tests.canary import PASSWORD
from tests.fakes.pools import FakeNewPool, FakeOldPool, Person, schema

TEMPORARY = "Temporary-1-Passw0rd!"


@dataclass
class FakePools:
    """The fakes, by the same words."""

    old: FakeOldPool = field(default_factory=FakeOldPool)
    new: FakeNewPool = field(default_factory=FakeNewPool)

    def person(self, name: str, *, temporary: bool = False, enabled: bool = True, **attributes: str) -> str:
        status = "FORCE_CHANGE_PASSWORD" if temporary else "CONFIRMED"
        sub = f"sub-of-{name}"
        person = Person(
            name, sub, PASSWORD, status, enabled=enabled, attributes=attributes, created_at=time.time()
        )
        self.old.people.append(person)
        self.new.people.append(person)
        return sub

    def client(self, writable: list[str] | None) -> str:
        rights: Rights = None if writable is None else frozenset(writable)
        for pool in (self.old, self.new):
            pool.rights = [*(pool.rights or []), rights]
        return "client"

    def describe(self, **rules: Any) -> tuple[OldPool, NewPool]:
        self.old.described = self.new.described = PoolRules(schema=schema(), **rules)
        return self.old, self.new


def _password_policy(policy: PasswordPolicy) -> dict[str, Any]:
    return {
        "MinimumLength": policy.minimum_length,
        "RequireUppercase": policy.uppercase,
        "RequireLowercase": policy.lowercase,
        "RequireNumbers": policy.numbers,
        "RequireSymbols": policy.symbols,
    }


class EmulatedPools:
    """One pool of an emulator, seen as the old one and as the new one."""

    def __init__(self, cognito: Any, **settings: Any) -> None:
        self._cognito = cognito
        self._pool = self._create(**settings)
        self._client = cognito.create_user_pool_client(
            UserPoolId=self._pool,
            ClientName="migration",
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]["ClientId"]
        self.old, self.new = self._adapters(self._pool, self._client)

    def person(self, name: str, *, temporary: bool = False, enabled: bool = True, **attributes: str) -> str:
        where = {"UserPoolId": self._pool, "Username": name}
        rows = [{"Name": name, "Value": value} for name, value in attributes.items()]
        made = self._cognito.admin_create_user(
            **where, UserAttributes=rows, MessageAction="SUPPRESS", TemporaryPassword=TEMPORARY
        )
        if not temporary:
            self._cognito.admin_set_user_password(**where, Password=PASSWORD, Permanent=True)
        else:
            self._cognito.admin_set_user_password(**where, Password=PASSWORD, Permanent=False)
        if not enabled:
            self._cognito.admin_disable_user(**where)
        return next(row["Value"] for row in made["User"]["Attributes"] if row["Name"] == "sub")

    def client(self, writable: list[str] | None) -> str:
        rights = {} if writable is None else {"WriteAttributes": writable}
        made = self._cognito.create_user_pool_client(UserPoolId=self._pool, ClientName="c", **rights)
        return str(made["UserPoolClient"]["ClientId"])

    def describe(self, **rules: Any) -> tuple[OldPool, NewPool]:
        settings: dict[str, Any] = {}
        if "username_attributes" in rules:
            settings["UsernameAttributes"] = sorted(rules["username_attributes"])
        if "alias_attributes" in rules:
            settings["AliasAttributes"] = sorted(rules["alias_attributes"])
        if "case_sensitive" in rules:
            settings["UsernameConfiguration"] = {"CaseSensitive": rules["case_sensitive"]}
        if "password" in rules:
            settings["Policies"] = {"PasswordPolicy": _password_policy(rules["password"])}
        if "factor_required" in rules:
            settings["MfaConfiguration"] = "ON" if rules["factor_required"] else "OPTIONAL"
        return self._adapters(self._create(**settings), self._client)

    def _create(self, **settings: Any) -> str:
        return str(self._cognito.create_user_pool(PoolName="pool", **settings)["UserPool"]["Id"])

    def _adapters(self, pool: str, client: str) -> tuple[OldPool, NewPool]:
        clock = time.monotonic
        return (
            CognitoOldPool(self._cognito, pool, client, secret=lambda: None, clock=clock),
            CognitoNewPool(self._cognito, pool, clock=clock),
        )
