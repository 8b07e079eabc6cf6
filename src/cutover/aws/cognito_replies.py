"""Cognito's replies in the users' half's words, the same for both pools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cutover.aws.faults import error_code
from cutover.users.decision_table import Decision, Stop
from cutover.users.password_policy import PasswordPolicy
from cutover.users.ports import Failed, PoolRules, Profile, SchemaAttribute

AWS_ERRORS = (ClientError, BotoCoreError)
_PASSING = {"TooManyRequestsException", "ThrottlingException", "LimitExceededException"}


def failed(error: BaseException) -> Failed:
    """What an AWS error says; its message is only ever compared, never written anywhere."""
    if isinstance(error, ClientError):
        reply = error.response
        return Failed(
            error_code(error),
            str(reply.get("Error", {}).get("Message", "")),
            int(reply.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)),
        )
    return Failed(error_code(error))


def our_fault(where: str, error: BaseException) -> Stop:
    """A fault of the deployment's own side (its pool, ledger, queue, secrets)."""
    return Stop(Decision.MISCONFIGURED, f"{where} {error_code(error)}")


def passes(error: BaseException) -> bool:
    """Whether the same call may well succeed a moment later."""
    fault = failed(error)
    return fault.http_status in {0, 429} or fault.http_status >= 500 or fault.code in _PASSING


def profile_of(reply: Mapping[str, Any]) -> Profile:
    """The user of an AdminGetUser reply."""
    created = reply.get("UserCreateDate")
    preferred = reply.get("PreferredMfaSetting")
    return Profile(
        username=reply.get("Username") or "",
        attributes={row["Name"]: row.get("Value") or "" for row in reply.get("UserAttributes") or ()},
        status=reply.get("UserStatus") or "",
        enabled=reply.get("Enabled") is True,
        created_at=created.timestamp() if created else 0.0,
        second_factors=(
            *(reply.get("UserMFASettingList") or ()),
            *([preferred] if preferred else ()),
            *(str(option.get("AttributeName", "sms")) for option in reply.get("MFAOptions") or ()),
        ),
    )


def rules_of(description: Mapping[str, Any]) -> PoolRules:
    """The rules of a DescribeUserPool reply's `UserPool`. A pool that does not say ignores no case.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
    """
    attributes = [_schema_attribute(row) for row in description.get("SchemaAttributes") or ()]
    return PoolRules(
        schema={attribute.name: attribute for attribute in attributes},
        username_attributes=frozenset(description.get("UsernameAttributes") or ()),
        alias_attributes=frozenset(description.get("AliasAttributes") or ()),
        case_sensitive=(description.get("UsernameConfiguration") or {}).get("CaseSensitive") is not False,
        password=_password_policy((description.get("Policies") or {}).get("PasswordPolicy") or {}),
        sms_factor=description.get("MfaConfiguration") in {"ON", "OPTIONAL"}
        and bool(description.get("SmsConfiguration")),
        factor_required=description.get("MfaConfiguration") == "ON",
    )


def _password_policy(policy: Mapping[str, Any]) -> PasswordPolicy:
    """Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html"""
    return PasswordPolicy(
        minimum_length=int(policy.get("MinimumLength") or 0),
        uppercase=bool(policy.get("RequireUppercase")),
        lowercase=bool(policy.get("RequireLowercase")),
        numbers=bool(policy.get("RequireNumbers")),
        symbols=bool(policy.get("RequireSymbols")),
    )


def _schema_attribute(row: Mapping[str, Any]) -> SchemaAttribute:
    texts, numbers = row.get("StringAttributeConstraints") or {}, row.get("NumberAttributeConstraints") or {}
    return SchemaAttribute(
        name=row["Name"],
        type=row.get("AttributeDataType") or "String",
        required=bool(row.get("Required")),
        min_length=_bound(texts, "MinLength", int),
        max_length=_bound(texts, "MaxLength", int),
        min_value=_bound(numbers, "MinValue", float),
        max_value=_bound(numbers, "MaxValue", float),
    )


def _bound(constraints: Mapping[str, str], name: str, number: Callable[[str], Any]) -> Any:
    return number(constraints[name]) if constraints.get(name) else None
