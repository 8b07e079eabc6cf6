"""Pools drawn from the SDK's own shapes, within what AWS documents to accept together."""

from __future__ import annotations

from typing import Any

import boto3
from hypothesis import strategies as st

from tests.fakes.cognito import REGION, RESET, a_pool

_CLIENT = boto3.client("cognito-idp", region_name=REGION)
_UPDATE = _CLIENT.meta.service_model.operation_model("UpdateUserPool").input_shape
_POOL = _CLIENT.meta.service_model.operation_model("DescribeUserPool").output_shape.members["UserPool"]
_INPUTS = sorted(_UPDATE.members.keys() & _POOL.members.keys())
_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:other"


@st.composite
def pools(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(_INPUTS), unique=True))
    return _consistent(a_pool(**{name: draw(_value(_UPDATE.members[name])) for name in names}))


def _value(shape: Any) -> st.SearchStrategy[Any]:
    if shape.type_name == "structure":
        required = {
            name: _value(member) for name, member in shape.members.items() if name in shape.required_members
        }
        optional = {
            name: _value(member)
            for name, member in shape.members.items()
            if name not in shape.required_members
        }
        return st.fixed_dictionaries(required, optional=optional)
    if shape.type_name == "list":
        least = shape.metadata.get("min", 0)
        return st.lists(_value(shape.member), min_size=least, max_size=max(2, least), unique_by=repr)
    if shape.type_name == "map":
        return st.dictionaries(st.text("abc", min_size=1, max_size=3), _value(shape.value), max_size=3)
    return _scalar(shape)


def _scalar(shape: Any) -> st.SearchStrategy[Any]:
    if shape.type_name == "boolean":
        return st.booleans()
    if shape.type_name == "integer":
        return st.integers(shape.metadata.get("min", 0), shape.metadata.get("max", 100))
    if getattr(shape, "enum", None):
        return st.sampled_from(shape.enum)
    if shape.name == "ArnType":
        return st.sampled_from([_ARN, f"{_ARN}:1"])
    return st.text("xyz {#}", min_size=shape.metadata.get("min", 0), max_size=20)


def _consistent(pool: dict[str, Any]) -> dict[str, Any]:
    """What a live pool shows: its mirrors agree, and nothing stands there that AWS would have refused."""
    for name, value in RESET.items():
        if isinstance(value, dict) and name in pool:
            pool[name] = {**value, **pool[name]}
    for name, value in RESET["Policies"].items():
        pool["Policies"][name] = {**value, **pool["Policies"].get(name, {})}
    lambdas, template = pool["LambdaConfig"], pool["VerificationMessageTemplate"]
    lambdas.pop("UserMigration", None)
    if {"CustomEmailSender", "CustomSMSSender"} & lambdas.keys():
        lambdas.setdefault("KMSKeyID", "arn:aws:kms:eu-west-1:123456789012:key/0a")
    if "PreTokenGenerationConfig" in lambdas:
        lambdas["PreTokenGeneration"] = lambdas["PreTokenGenerationConfig"]["LambdaArn"]
        if pool["UserPoolTier"] == "LITE":
            lambdas["PreTokenGenerationConfig"]["LambdaVersion"] = "V1_0"
    by_link = template.get("DefaultEmailOption") == "CONFIRM_WITH_LINK"
    template.pop("EmailMessage" if by_link else "EmailMessageByLink", None)
    _agree(pool, template)
    settings = pool.get("UserAttributeUpdateSettings")
    if settings:
        settings["AttributesRequireVerificationBeforeUpdate"] = list(pool.get("AutoVerifiedAttributes", ()))
    days = pool["Policies"].get("PasswordPolicy", {}).get("TemporaryPasswordValidityDays")
    if days is not None:
        pool["AdminCreateUserConfig"]["UnusedAccountValidityDays"] = days
    if "DeviceConfiguration" in pool:
        pool["DeviceConfiguration"].setdefault("ChallengeRequiredOnNewDevice", False)
    return pool


def _agree(pool: dict[str, Any], template: dict[str, Any]) -> None:
    for legacy, new in (
        ("EmailVerificationMessage", "EmailMessage"),
        ("EmailVerificationSubject", "EmailSubject"),
        ("SmsVerificationMessage", "SmsMessage"),
    ):
        pool.pop(legacy, None)
        if new in template:
            pool[legacy] = template[new]
