"""The snippets for pools that are kept as code are what their tools read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from cutover.control.attach_plan import AttachPlan
from cutover.control.snippets import TOOLS, snippet
from tests.control.pools import CLAIMING, GUARDING, OTHER, SET_BY_US, TRIGGER, WITHOUT_GUARD, bench
from tests.fakes.cognito import a_client


def plan(**config: Any) -> AttachPlan:
    on = bench(LambdaConfig=config)
    on.service.clients["web"] = a_client(ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])
    client = on.client("web").describe()
    assert client is not None
    return on.attach_plan(flow_clients=(client,))


def test_cloudformation_reads_the_properties_that_attach_would_set() -> None:
    assert yaml.safe_load(snippet("cloudformation", plan())) == {
        "LambdaConfig": SET_BY_US,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"],
    }


def test_both_names_of_a_pre_token_trigger_are_written_where_the_pool_has_both() -> None:
    both = {
        "PreTokenGeneration": OTHER,
        "PreTokenGenerationConfig": {"LambdaVersion": "V1_0", "LambdaArn": OTHER},
    }
    read = yaml.safe_load(snippet("cloudformation", plan(**both)))["LambdaConfig"]
    assert (read["PreTokenGeneration"], read["PreTokenGenerationConfig"]["LambdaArn"]) == (CLAIMING, CLAIMING)


def test_terraform_has_the_names_of_its_provider() -> None:
    lines = [line.strip() for line in snippet("terraform", plan()).splitlines()]
    block = lines[lines.index("lambda_config {") : lines.index("}", lines.index("}") + 1) + 1]
    assert block == [
        "lambda_config {",
        f'user_migration = "{TRIGGER}"',
        f'pre_sign_up = "{GUARDING}"',
        "pre_token_generation_config {",
        'lambda_version = "V2_0"',
        f'lambda_arn = "{CLAIMING}"',
        "}",
        "}",
    ]
    assert 'explicit_auth_flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]' in lines


def test_terraform_says_how_to_leave_the_triggers_to_attach() -> None:
    assert "ignore_changes = [lambda_config]" in snippet("terraform", plan())


def test_cdk_overrides_each_property() -> None:
    overrides = dict(re.findall(r'addPropertyOverride\("([^"]+)", (.+)\);', snippet("cdk", plan())))
    assert {name: json.loads(value) for name, value in overrides.items()} == {
        **{f"LambdaConfig.{name}": value for name, value in SET_BY_US.items()},
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"],
    }


@pytest.mark.parametrize("tool", TOOLS)
def test_what_is_left_out_is_not_written(tool: str) -> None:
    text = snippet(tool, bench().attach_plan(WITHOUT_GUARD))
    assert (TRIGGER in text, GUARDING in text, CLAIMING in text) == (True, False, False)
