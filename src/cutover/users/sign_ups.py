"""The PreSignUp event: somebody is about to be created in the new pool.

`validationData` and `clientMetadata` are what the client chose to send, so they are not even read.
Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

GUARD_TEXT = "This sign-up is not possible. If you have an account already, please sign in"
"""Without a full stop: Cognito puts one behind it."""


class SignUpRefused(Exception):
    """Cognito is to create nobody. The text is one and the same, whatever the cause."""

    def __init__(self, text: str = GUARD_TEXT) -> None:
        super().__init__(text)


class Source(StrEnum):
    SIGN_UP = "sign_up"
    ADMINISTRATOR = "administrator"
    PROVIDER = "provider"


_SOURCES = {
    "PreSignUp_SignUp": Source.SIGN_UP,
    "PreSignUp_AdminCreateUser": Source.ADMINISTRATOR,
    "PreSignUp_ExternalProvider": Source.PROVIDER,
}
_TAKES = (
    "email",
    "phone_number",
    "preferred_username",
    "cognito:email_alias",
    "cognito:phone_number_alias",
)
"""The attributes by which somebody may be found or written to; the last two are of pools with aliases."""
_SHORTEST_VALUE = 3
"""Characters. What is shorter is no name worth hiding, and occurs in any sentence."""


@dataclass(frozen=True)
class SignUp:
    """Whom Cognito is about to create. `source` is None for one that we do not know, which gets no favour."""

    source: Source | None
    pool_id: str
    name: str = field(repr=False)
    attributes: Mapping[str, str] = field(repr=False)

    @property
    def values(self) -> tuple[str, ...]:
        """All that the new user would go by, each once."""
        taken = (self.name, *(self.attributes.get(attribute, "") for attribute in _TAKES))
        return tuple(dict.fromkeys(value for value in taken if value))


def read_sign_up(event: object) -> SignUp:
    """The event in our words; whatever is missing or of another type is empty."""
    fields = _map(event)
    source = fields.get("triggerSource")
    attributes = _map(_map(fields.get("request")).get("userAttributes"))
    return SignUp(
        source=_SOURCES.get(source) if isinstance(source, str) else None,
        pool_id=_text(fields.get("userPoolId")),
        name=_text(fields.get("userName")),
        attributes={str(name): str(value) for name, value in attributes.items() if value is not None},
    )


def nothing_verified(response: object) -> dict[str, Any]:
    """A response in which nobody is confirmed, and no address verified, by being created."""
    never = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    return {**_map(response), **never}


def without_values(text: str, sign_up: SignUp) -> str:
    """`text` with what the user goes by left out: Lambda logs what a function raises."""
    for value in sorted((*sign_up.values, *sign_up.attributes.values()), key=len, reverse=True):
        if len(value) >= _SHORTEST_VALUE:
            text = text.replace(value, "…")
    return text


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
