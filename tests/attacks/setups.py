"""Two pools as they may differ, and the people of the old one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.canary import PASSWORD
from tests.simulator.pool import Pool, User
from tests.simulator.service import Simulator

LEGACY = "custom:old_sub"
OLD_ID, NEW_ID = "eu-west-1_OldPool01", "eu-west-1_NewPool01"
OLD_CLIENT, NEW_CLIENT = "oldclient01", "newclient01"
MIGRATE, GUARD, CLAIMS = (
    "arn:aws:lambda:eu-west-1:123456789012:function:" + name for name in ("m", "g", "c")
)
FOLDS = {"UsernameConfiguration": {"CaseSensitive": False}}
MAIL_ALIAS = {"AliasAttributes": ["email"]}
MAIL_NAME = {"UsernameAttributes": ["email"]}

SETUPS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "names to names": ({}, {}),
    "names to names without case": (FOLDS, FOLDS),
    "case to no case": ({}, FOLDS),
    "mail aliases": ({**MAIL_ALIAS, **FOLDS}, {**MAIL_ALIAS, **FOLDS}),
    "mail aliases to names": (MAIL_ALIAS, FOLDS),
    "mail names": ({**MAIL_NAME, **FOLDS}, {**MAIL_NAME, **FOLDS}),
    "mail aliases to mail names": ({**MAIL_ALIAS, **FOLDS}, {**MAIL_NAME, **FOLDS}),
}
"""The settings of the old and of the new pool."""


@dataclass
class Person:
    """Somebody with an account in the old pool. `password` is the one they would type in the new pool."""

    name: str
    mail: str
    phone: str
    old: User
    password: str = field(repr=False)
    leaked: list[str] = field(default_factory=list, repr=False)
    """Every password of theirs that the stranger knows: all of the old pool's."""
    mails: list[str] = field(default_factory=list)
    """Every e-mail that was ever theirs."""
    plain: bool = True
    """Enabled, confirmed and without a second factor, ever since."""

    @property
    def sub(self) -> str:
        return self.old.sub

    def forms(self) -> list[str]:
        """What might name this person somewhere."""
        names = [self.old.username, self.name, self.mail, self.phone, self.old.sub]
        return [*names, self.name.upper(), self.mail.title()]


def pools(sim: Simulator, setup: str) -> tuple[Pool, Pool]:
    """Both pools with a client each; the new one demands what attach demands of it."""
    old_settings, new_settings = SETUPS[setup]
    old = sim.add_pool(OLD_ID, **old_settings, AutoVerifiedAttributes=["email"])
    new = sim.add_pool(
        NEW_ID,
        **new_settings,
        AutoVerifiedAttributes=["email"],
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
        Schema=[{"Name": LEGACY, "AttributeDataType": "String", "Mutable": False, "Required": False}],
        LambdaConfig={"UserMigration": MIGRATE, "PreSignUp": GUARD},
    )
    sim.add_client(
        old,
        OLD_CLIENT,
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
        PreventUserExistenceErrors="LEGACY",
    )
    sim.add_client(
        new,
        NEW_CLIENT,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        PreventUserExistenceErrors="ENABLED",
        WriteAttributes=["email", "phone_number", "name", "nickname"],
    )
    return old, new


def _plain(user: User) -> None:
    """As everybody is made."""


def _disabled(user: User) -> None:
    user.enabled = False


def _second_factor(user: User) -> None:
    user.factors = ["SMS_MFA"]


def _authenticator(user: User) -> None:
    user.factors = ["SOFTWARE_TOKEN_MFA"]


def _temporary(user: User) -> None:
    user.status, user.temporary_until = "FORCE_CHANGE_PASSWORD", user.created + 7 * 86400


def _reset(user: User) -> None:
    user.status = "RESET_REQUIRED"


def _unconfirmed(user: User) -> None:
    user.status = "UNCONFIRMED"


def _federated(user: User) -> None:
    user.status, user.password = "EXTERNAL_PROVIDER", None


KINDS: dict[str, Callable[[User], None]] = {
    "plain": _plain,
    "disabled": _disabled,
    "second factor": _second_factor,
    "authenticator": _authenticator,
    "temporary password": _temporary,
    "reset required": _reset,
    "unconfirmed": _unconfirmed,
    "federated": _federated,
}


def person(pool: Pool, name: str, now: float, kind: str = "plain", *, verified: bool = True) -> Person:
    """A new account of the old pool, made a thousand days before `now`."""
    sub = pool.new_sub()
    mail, phone = f"{name}@people.example", f"+49301{abs(hash_of(name)) % 10**6:06}"
    password = f"{PASSWORD}{name}"
    attributes = {
        "email": mail,
        "email_verified": "true" if verified else "false",
        "phone_number": phone,
        "phone_number_verified": "false",
        "name": name,
    }
    user = User(
        username=sub if pool.username_attributes else pool.fold(name),
        sub=sub,
        attributes=attributes,
        status="CONFIRMED",
        created=now - 1000 * 86400,
        password=password,
        origin="admin",
    )
    KINDS[kind](user)
    pool.add(user)
    return Person(name, mail, phone, user, password, [password], [mail], plain=kind == "plain")


def hash_of(name: str) -> int:
    """The same number in every process."""
    return int.from_bytes(name.encode()[-6:], "big")
