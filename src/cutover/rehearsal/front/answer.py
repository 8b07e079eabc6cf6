"""What a migration trigger may answer: `pages.MIGRATION_TRIGGER`; what a wrong answer ends in:
`pages.MIGRATION_ERRORS`. Pure: an event's `response` and a pool in, a new user or a refusal out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutover.rehearsal.front.pools import Attributes

MEDIUMS = {"EMAIL", "SMS"}
ALIASES = ("email", "phone_number", "preferred_username")


class BadAnswer(Exception):
    """The trigger's answer is refused; the text is what the client reads."""


@dataclass(frozen=True)
class NewUser:
    """A user whom the trigger vouches for. Not `confirmed` means RESET_REQUIRED."""

    name: str
    attributes: Attributes
    confirmed: bool
    move_alias: bool = False
    sms_mfa: bool = False


def read_answer(response: object, pool: Mapping[str, Any], name: str, *, proved: bool) -> NewUser | None:
    """None for an empty response: the trigger knows nobody of that `name`, or will not say.

    `proved` is whether a password was sent (a sign-in). Raises BadAnswer.
    """
    if not isinstance(response, Mapping) or not response.get("userAttributes"):
        return None
    attributes = _texts(response["userAttributes"])
    username = attributes.pop("username", None)
    _check_schema(attributes, pool)
    _check_settings(response)
    return NewUser(
        name=_name(username, name, attributes, pool),
        attributes=attributes,
        confirmed=proved and response.get("finalUserStatus") == "CONFIRMED",
        move_alias=response.get("forceAliasCreation") is True,
        sms_mfa=_sms_mfa(response, attributes, pool),
    )


def _texts(attributes: object) -> Attributes:
    if not isinstance(attributes, Mapping):
        raise BadAnswer("Unrecognizable lambda output")
    for name, value in attributes.items():
        if not isinstance(value, str):
            raise BadAnswer(f"Attributes did not conform to the schema: {name}: Attribute must be a string")
    return dict(attributes)


def _check_schema(attributes: Attributes, pool: Mapping[str, Any]) -> None:
    schema = {row["Name"]: row for row in pool.get("SchemaAttributes", ())}
    problems = [
        problem for name, value in attributes.items() if (problem := _misfit(schema.get(name), value, name))
    ]
    problems += [
        f"{name}: The attribute is required"
        for name, row in schema.items()
        if row.get("Required") and name != "sub" and not attributes.get(name)
    ]
    if problems:
        raise BadAnswer("Attributes did not conform to the schema: " + "\n".join(problems))


def _misfit(row: Mapping[str, Any] | None, value: str, name: str) -> str | None:
    if row is None:
        return f"{name}: Attribute does not exist in the schema."
    if name == "sub":
        return "sub: Cannot modify an already provided sub"
    limits = row.get("StringAttributeConstraints") or {}
    if len(value) > int(limits.get("MaxLength") or 2048):
        return f"{name}: String must be no longer than {limits.get('MaxLength') or 2048} characters"
    if len(value) < int(limits.get("MinLength") or 0):
        return f"{name}: String must be at least {limits['MinLength']} characters"
    return None


def _check_settings(response: Mapping[str, Any]) -> None:
    """The knowledge-center page has the three texts."""
    if response.get("messageAction") not in (None, "SUPPRESS"):
        raise BadAnswer("Error during migration: invalid messageAction")
    if response.get("finalUserStatus") not in (None, "CONFIRMED"):
        raise BadAnswer("Error during migration: invalid finalUserStatus")
    if not set(response.get("desiredDeliveryMediums") or ()) <= MEDIUMS:
        raise BadAnswer("Error during migration: invalid desiredDeliveryMedium")


def _name(username: str | None, submitted: str, attributes: Attributes, pool: Mapping[str, Any]) -> str:
    """A name may be returned only where the submitted one is an alias of that user; an alias pool takes no
    user name of the alias's own form."""
    aliases = pool.get("AliasAttributes") or ()
    is_alias = any(attributes.get(alias) == submitted for alias in aliases)
    if username is not None and username != submitted and not is_alias:
        raise BadAnswer("Error during migration: username does not match the submitted name")
    chosen = username or submitted
    if "email" in aliases and "@" in chosen:
        raise BadAnswer("Username cannot be of email format, since user pool is configured for email alias.")
    if "phone_number" in aliases and chosen.startswith("+") and chosen[1:].isdigit():
        raise BadAnswer(
            "Username cannot be of phone number format, since user pool is configured for phone number alias."
        )
    return chosen


def _sms_mfa(response: Mapping[str, Any], attributes: Attributes, pool: Mapping[str, Any]) -> bool:
    if response.get("enableSMSMFA") is not True:
        return False
    if pool.get("MfaConfiguration", "OFF") == "OFF" or not attributes.get("phone_number"):
        raise BadAnswer("Error during migration: SMS MFA needs the pool's MFA and a phone number")
    return True
