"""The UserMigration event, and the only three answers we ever give to it.

Every optional key of a real event may be absent or null. `validationData` and `clientMetadata` are what the
client chose to send, so they are not even read.
Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FAULT_TEXT = "Sign-in is not possible at the moment. Please try again."
"""All that a fault ever says: Cognito shows it to whoever signs in."""


class MigrationFault(Exception):
    """Cognito is to try again. It carries one constant text, whatever happened."""

    def __init__(self) -> None:
        super().__init__(FAULT_TEXT)


class Source(StrEnum):
    SIGN_IN = "sign_in"
    FORGOT_PASSWORD = "forgot_password"  # noqa: S105 - a trigger's source, not a password


_SOURCES = {
    "UserMigration_Authentication": Source.SIGN_IN,
    "UserMigration_ForgotPassword": Source.FORGOT_PASSWORD,
}
_LONGEST_NAME = 128
_LONGEST_PASSWORD = 256
_NAME_CATEGORIES = "LMSNP"


@dataclass(frozen=True)
class Attempt:
    """Somebody signs in, or asks for a new password, under a name that the new pool does not know."""

    source: Source | None
    pool_id: str
    client_id: str
    name: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def possible_name(self) -> bool:
        return possible_name(self.name)

    @property
    def possible_password(self) -> bool:
        """Whether a pool could hold such a password.

        Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-policies.html
        """
        return 0 < len(self.password) <= _LONGEST_PASSWORD


def possible_name(name: str) -> bool:
    """Whether a pool could hold such a user name: 1 to 128 letters, marks, symbols, numbers, punctuation.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html
    """
    return 0 < len(name) <= _LONGEST_NAME and all(
        unicodedata.category(char)[0] in _NAME_CATEGORIES for char in name
    )


def read_attempt(event: object) -> Attempt:
    """The event in our words; whatever is missing or of another type is empty."""
    fields = event if isinstance(event, Mapping) else {}
    source = fields.get("triggerSource")
    return Attempt(
        source=_SOURCES.get(source) if isinstance(source, str) else None,
        pool_id=_text(fields, "userPoolId"),
        client_id=_text(_map(fields, "callerContext"), "clientId"),
        name=_text(fields, "userName"),
        password=_text(_map(fields, "request"), "password"),
    )


def proven(attributes: Mapping[str, str], *, by_sms: bool = False) -> dict[str, Any]:
    """The response for a proven password: the user is created CONFIRMED, with it, without a message."""
    return {**_created(attributes, by_sms), "finalUserStatus": "CONFIRMED"}


def reset(attributes: Mapping[str, str], *, by_sms: bool = False) -> dict[str, Any]:
    """The response where nothing is proven: without a final status the user has to reset the password."""
    return _created(attributes, by_sms)


def _created(attributes: Mapping[str, str], by_sms: bool) -> dict[str, Any]:
    """`by_sms` asks for a second factor by SMS; Cognito refuses the user where it cannot be."""
    return {
        "userAttributes": dict(attributes),
        "messageAction": "SUPPRESS",
        "forceAliasCreation": False,
        **({"enableSMSMFA": True} if by_sms else {}),
    }


def _map(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
