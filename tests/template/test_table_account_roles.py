"""docs/source-account-role.yaml, docs/target-account-role.yaml: whom a tables' account trusts, with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.decode import decode

from cutover.rehearsal.local import Local
from tests.template.deploying import QUICK
from tests.template.test_old_account_role import actions, branches, function_statements, policy_of

DOCS = Path(__file__).parents[2] / "docs"
OPERATOR = "arn:aws:iam::111122223333:role/operator"
TABLES = [f"arn:aws:dynamodb:{region}:444455556666:table/orders" for region in ("eu-west-1", "us-east-1")]
KEY = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@dataclass(frozen=True)
class Side:
    """One of the two templates, and what stands for it in the stack's."""

    name: str
    role: str
    enter: str
    work: str
    command_line: frozenset[str]
    """What backfill, verify, doctor and status ask of such a table and no function does."""

    @property
    def path(self) -> Path:
        return DOCS / f"{self.name}-account-role.yaml"

    @property
    def tables(self) -> str:
        return f"{self.name.title()}TableArns"


SIDES = [
    Side(
        "source",
        "SourceTablesRole",
        "EnterSourceAccount",
        "ReadSourceTables",
        frozenset({"dynamodb:DescribeContinuousBackups", "dynamodb:DescribeKinesisStreamingDestination"}),
    ),
    Side(
        "target",
        "TargetTablesRole",
        "EnterTargetAccount",
        "WriteTargetTables",
        frozenset({"dynamodb:DescribeContinuousBackups", "dynamodb:Scan"}),
    ),
]


@pytest.fixture(params=SIDES, ids=lambda side: side.name)
def side(request: pytest.FixtureRequest) -> Side:
    found: Side = request.param
    return found


@pytest.fixture
def whole(side: Side) -> dict[str, Any]:
    """The template as it stands in the file, intrinsic functions in their long form."""
    found, problems = decode(str(side.path))
    assert not problems
    return dict(found)


@pytest.fixture
def role(side: Side, whole: dict[str, Any]) -> dict[str, Any]:
    return dict(whole["Resources"][side.role]["Properties"])


def entering(template: dict[str, Any], side: Side) -> set[str]:
    """The roles of the stack that take this role."""
    statements = function_statements(template)
    return {name for name, found in statements.items() if side.enter in {one["Sid"] for one in found}}


def test_the_linter_finds_nothing(side: Side) -> None:
    assert [str(match) for match in lint_file(side.path)] == []


def test_it_allows_what_the_functions_ask_of_the_tables_and_no_more(
    side: Side, role: dict[str, Any], template: dict[str, Any]
) -> None:
    asked = [
        one
        for statements in function_statements(template).values()
        for one in statements
        if one["Sid"] == side.work
    ]
    held = [one for one in branches(policy_of(role), condition=False) if one["Sid"] == side.work]
    assert actions(held) == actions(asked)
    assert {one["Sid"] for one in branches(policy_of(role), condition=False)} == {side.work}


def test_an_operator_adds_what_the_command_line_alone_asks(
    side: Side, role: dict[str, Any], template: dict[str, Any]
) -> None:
    (added,) = [
        one for one in branches(policy_of(role), condition=True) if one["Sid"] == "WorkForCommandLine"
    ]
    without = actions(branches(policy_of(role), condition=False))
    assert actions([added]) == side.command_line
    assert not actions([added]) & without


def test_each_right_to_a_table_is_one_to_the_named_tables(side: Side, role: dict[str, Any]) -> None:
    found = [one for one in branches(policy_of(role), condition=True) if "Keys" not in one["Sid"]]
    assert [one["Resource"] for one in found] == [{"Ref": side.tables}] * 2


def test_keys_are_used_by_dynamodb_alone(role: dict[str, Any]) -> None:
    (keys,) = [one for one in branches(policy_of(role), condition=True) if one["Sid"] == "UseKeysByDynamoDB"]
    assert keys["Condition"] == {"StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com*"}}
    assert keys["Resource"] == {"Ref": "KeyArns"}


def test_it_trusts_the_roles_of_the_functions_that_enter_that_account(
    side: Side, role: dict[str, Any], template: dict[str, Any]
) -> None:
    (trust,) = branches(role["AssumeRolePolicyDocument"]["Statement"], condition=False)
    patterns = [one["Fn::Sub"] for one in trust["Condition"]["ArnLike"]["aws:PrincipalArn"]]
    account = "arn:${AWS::Partition}:iam::${TrustedAccountId}:role/${TrustedStackName}"
    assert sorted(patterns) == sorted(f"{account}-{name}-*" for name in entering(template, side))


@pytest.mark.parametrize("operator", [False, True], ids=["functions", "with an operator"])
def test_nobody_is_trusted_without_the_external_id(role: dict[str, Any], *, operator: bool) -> None:
    trusts = branches(role["AssumeRolePolicyDocument"]["Statement"], condition=operator)
    asked = [one["Condition"]["StringEquals"] for one in trusts]
    assert asked == [{"sts:ExternalId": {"Ref": "ExternalId"}}] * (1 + operator)


def test_the_names_of_the_trusted_roles_are_never_cut(
    side: Side, whole: dict[str, Any], template: dict[str, Any]
) -> None:
    """64 characters: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-using-name-types.html"""
    longest = max(len(name) for name in entering(template, side))
    assert whole["Parameters"]["TrustedStackName"]["MaxLength"] + longest + 13 + 2 <= 64


@pytest.mark.local_stack
class TestDeployed:
    @pytest.fixture
    def deploy(
        self, running_stack: Local, unique: Callable[[str], str], side: Side
    ) -> Callable[..., dict[str, Any]]:
        """The role of a stack of these parameters, as IAM answers, with its policy under `Allowed`."""

        def run(**values: str) -> dict[str, Any]:
            arn = deployed(running_stack, side, unique("tables"), **values)
            iam, name = running_stack.client("iam"), arn.rsplit("/", 1)[-1]
            found: dict[str, Any] = iam.get_role(RoleName=name)["Role"]
            assert found["Arn"] == arn
            reply = iam.get_role_policy(RoleName=name, PolicyName="tables")
            return {**found, "Allowed": reply["PolicyDocument"]["Statement"]}

        return run

    def test_its_policy_names_the_tables_of_every_region(self, deploy: Callable[..., dict[str, Any]]) -> None:
        assert [one["Resource"] for one in deploy()["Allowed"]] == [TABLES]

    def test_keys_and_an_operator_each_add_a_statement(self, deploy: Callable[..., dict[str, Any]]) -> None:
        allowed = deploy(OperatorArn=OPERATOR, KeyArns=KEY)["Allowed"]
        assert [one["Sid"] for one in allowed[1:]] == ["WorkForCommandLine", "UseKeysByDynamoDB"]
        assert allowed[2]["Resource"] == [KEY]

    def test_its_trust_names_the_account_the_word_and_the_functions(
        self, deploy: Callable[..., dict[str, Any]], template: dict[str, Any], side: Side
    ) -> None:
        (trust,) = deploy()["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
        assert trust["Condition"]["StringEquals"] == {"sts:ExternalId": "handshake"}
        assert sorted(trust["Condition"]["ArnLike"]["aws:PrincipalArn"]) == sorted(
            f"arn:aws:iam::111122223333:role/shop-{name}-*" for name in entering(template, side)
        )

    def test_an_operator_is_trusted_by_the_whole_arn(self, deploy: Callable[..., dict[str, Any]]) -> None:
        _, trust = deploy(OperatorArn=OPERATOR)["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Condition"] == {
            "StringEquals": {"sts:ExternalId": "handshake"},
            "ArnEquals": {"aws:PrincipalArn": OPERATOR},
        }


def deployed(local: Local, side: Side, stack: str, **values: str) -> str:
    """Deploys a role's template; the role's ARN."""
    cloudformation = local.client("cloudformation")
    given = {
        side.tables: ",".join(TABLES),
        "TrustedAccountId": "111122223333",
        "TrustedStackName": "shop",
        "ExternalId": "handshake",
        **values,
    }
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=side.path.read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=QUICK)
    (output,) = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    assert output["OutputKey"] == "RoleArn"
    return str(output["OutputValue"])
