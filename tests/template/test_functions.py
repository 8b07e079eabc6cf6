"""What every function is made of, and what the trigger is in particular."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

FUNCTIONS = (
    "MigrateUser",
    "SettleUser",
    "GuardSignUp",
    "AddClaims",
    "MirrorTable",
    "RetryKeys",
    "BackfillSegment",
    "Watch",
)
TRIGGERS = ("MigrateUser", "GuardSignUp", "AddClaims")
"""What Cognito calls, and waits for."""
OPTIONAL_USERS = {
    "OLD_CLIENT_SECRET_ARN",
    "OLD_REGION",
    "OLD_ROLE_ARN",
    "OLD_EXTERNAL_ID",
    "LOG_KEY_ARN",
    "ATTRIBUTES",
    "LEGACY_SUB_ATTRIBUTE",
    "MFA_POLICY",
    "TEMPORARY_PASSWORD",
    "RESET_REQUIRED",
    "WEAK_PASSWORD",
    "FORGOT_PASSWORD",
    "FORGOT_PASSWORD_PER_HOUR",
    "ROLLOUT_PERCENT",
    "GROUPS",
    "GROUP_MAP",
    "OLD_SUB_CLAIM",
    "EVENT_BUS",
    "GUARD_TEXT",
    "GUARD_ON_OUTAGE",
    "CHAINED_PRE_SIGN_UP_ARN",
    "CHAINED_PRE_TOKEN_ARN",
    "ALLOWED_CLIENT_IDS",
}
USERS = OPTIONAL_USERS | {
    "NEW_USER_POOL_ID",
    "OLD_USER_POOL_ID",
    "OLD_CLIENT_ID",
    "LEDGER_TABLE",
    "SETTLE_QUEUE_URL",
    "POWERTOOLS_SERVICE_NAME",
}
TABLES = {
    "TABLES",
    "LEDGER_TABLE",
    "RETRY_QUEUE_URL",
    "SOURCE_ROLE_ARN",
    "TARGET_ROLE_ARN",
    "EXTERNAL_ID",
    "SUB_MAP_TABLE",
    "POWERTOOLS_SERVICE_NAME",
}

WATCH = {
    "NEW_USER_POOL_ID",
    "LEGACY_SUB_ATTRIBUTE",
    "SOURCE_STREAM_ARNS",
    "MIRROR_STATE",
    "MIRROR_FUNCTION",
    "WATCHED_FUNCTIONS",
    "TABLES",
    "RETRY_QUEUE_URL",
    "FAILURE_BUCKET",
    "SUB_MAP_TABLE",
    "LEDGER_TABLE",
    "POWERTOOLS_SERVICE_NAME",
}


def _properties(resources: dict[str, Any], name: str) -> dict[str, Any]:
    return dict(resources[name]["Properties"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_runs_on_arm_with_a_current_python(resources: dict[str, Any], name: str) -> None:
    properties = _properties(resources, name)
    assert (properties["Architectures"], properties["Runtime"]) == (["arm64"], "python3.13")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_handler_that_exists(resources: dict[str, Any], name: str) -> None:
    module = _properties(resources, name)["Handler"].removesuffix(".handler")
    assert importlib.util.find_spec(module) is not None


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_role_of_its_own(resources: dict[str, Any], name: str) -> None:
    assert _properties(resources, name)["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_logs_where_logs_expire(resources: dict[str, Any], name: str) -> None:
    group = _properties(resources, name)["LoggingConfig"]["LogGroup"]["Ref"]
    assert resources[group]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_the_alias_live(resources: dict[str, Any], name: str) -> None:
    assert _properties(resources, f"{name}Aliaslive")["Name"] == "live"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MigrateUser", USERS),
        ("SettleUser", USERS),
        ("GuardSignUp", USERS),
        ("AddClaims", USERS),
        ("Watch", WATCH),
        ("MirrorTable", TABLES),
        ("RetryKeys", TABLES),
        ("BackfillSegment", TABLES),
    ],
)
def test_a_function_gets_its_variables(resources: dict[str, Any], name: str, expected: set[str]) -> None:
    variables = _properties(resources, name)["Environment"]["Variables"]
    assert set(variables) - {"PUBLISHED_FOR"} == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_names_the_version_stands_in_no_condition(template: dict[str, Any], name: str) -> None:
    """In an Fn::If CloudFormation was seen to leave Fn::ToJsonString as it is, and to refuse the template:
    https://github.com/aws-cloudformation/cfn-language-discussion/issues/143
    """
    variables = template["Resources"][name]["Properties"]["Environment"]["Variables"]
    assert list(variables["PUBLISHED_FOR"]) == ["Fn::ToJsonString"]


def _parameters(node: Any, template: dict[str, Any]) -> set[str]:
    """The template's parameters in a `Ref` or an `Fn::Sub`, at any depth."""
    if isinstance(node, dict):
        found = set().union(*(_parameters(value, template) for value in node.values()))
        return found | ({node["Ref"]} & template["Parameters"].keys() if "Ref" in node else set())
    if isinstance(node, list):
        return set().union(*(_parameters(value, template) for value in node))
    return {name for name in template["Parameters"] if isinstance(node, str) and f"${{{name}}}" in node}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_version_is_named_by_the_parameters_that_it_holds_and_by_no_other(
    template: dict[str, Any], name: str
) -> None:
    """One too few, and a change does not reach `live`. One too many, and what runs changes for nothing."""
    properties = template["Resources"][name]["Properties"]
    variables = dict(properties["Environment"]["Variables"])
    naming = _parameters(variables.pop("PUBLISHED_FOR"), template)
    held = _parameters(variables, template)
    assert (naming, _parameters(properties.get("VersionDescription"), template) - held) == (held, set())


@pytest.mark.parametrize("name", TRIGGERS)
def test_a_trigger_ends_before_cognito_stops_waiting(resources: dict[str, Any], name: str) -> None:
    assert _properties(resources, name)["Timeout"] == 5


@pytest.mark.parametrize("name", TRIGGERS)
def test_a_trigger_has_the_processor_of_a_gigabyte(resources: dict[str, Any], name: str) -> None:
    """Lambda gives processor time by memory, and imports decide a cold start."""
    assert _properties(resources, name)["MemorySize"] >= 1024


def test_no_condition_compares_a_number_with_a_text(template: dict[str, Any]) -> None:
    """`Equals [Ref, "0"]` of a Number could be false for 0 once AWS::LanguageExtensions has filled it in, and
    a reservation of 0 would stop every sign-in:
    https://github.com/aws-cloudformation/cfn-language-discussion/issues/153
    """
    numbers = [{"Ref": name} for name, row in template["Parameters"].items() if row["Type"] == "Number"]
    compared = [side for condition in template["Conditions"].values() for side in _compared(condition)]
    assert {"Ref": "MirrorState"} in compared
    assert [side for side in compared if side in numbers] == []


def _compared(node: Any) -> list[Any]:
    """What stands on either side of an Fn::Equals, at any depth."""
    if isinstance(node, list):
        return [side for value in node for side in _compared(value)]
    if not isinstance(node, dict):
        return []
    return [*node.get("Fn::Equals", []), *(side for value in node.values() for side in _compared(value))]


def test_the_trigger_reserves_nothing_unless_it_is_told_to(template: dict[str, Any]) -> None:
    assert template["Parameters"]["TriggerReservedConcurrency"]["Default"] == 0


@pytest.mark.parametrize("name", TRIGGERS)
def test_cognito_may_call_the_alias_for_the_one_pool_of_this_account(
    resources: dict[str, Any], name: str
) -> None:
    pool = "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/${NewUserPoolId}"
    assert resources[f"{name}Permission"]["Properties"] == {
        "FunctionName": {"Ref": f"{name}Aliaslive"},
        "Action": "lambda:InvokeFunction",
        "Principal": "cognito-idp.amazonaws.com",
        "SourceArn": {"Fn::Sub": pool},
        "SourceAccount": {"Ref": "AWS::AccountId"},
    }


def test_nobody_else_may_call_a_function(resources: dict[str, Any]) -> None:
    permissions = [name for name, row in resources.items() if row["Type"] == "AWS::Lambda::Permission"]
    assert sorted(permissions) == sorted(f"{name}Permission" for name in (*TRIGGERS, "Watch"))
    assert resources["WatchPermission"]["Properties"]["SourceArn"] == {"Fn::GetAtt": ["WatchSchedule", "Arn"]}


def test_no_parameter_is_a_secret(template: dict[str, Any]) -> None:
    """A secret comes by the ARN of its place; NoEcho would be the sign of one that comes by value."""
    assert not [name for name, row in template["Parameters"].items() if row.get("NoEcho")]


def test_the_watch_looks_at_every_function_that_has_an_alias(resources: dict[str, Any]) -> None:
    """Each is named to it, and each it may look at. It does not look at itself."""
    watched = _properties(resources, "Watch")["Environment"]["Variables"]["WATCHED_FUNCTIONS"]["Fn::Join"][1]
    names = {name for name in FUNCTIONS if name != "Watch"}
    assert {one["Fn::If"][1]["Ref"] for one in watched} == names
    (policy,) = _properties(resources, "WatchRole")["Policies"]
    statements = [one["Fn::If"][1] for one in policy["PolicyDocument"]["Statement"] if "Fn::If" in one]
    looked = [row for one in statements if one["Sid"].startswith("LookAt") for row in one["Resource"]]
    assert {row["Fn::GetAtt"][0] for row in looked if "Fn::GetAtt" in row} == names
