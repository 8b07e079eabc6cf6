"""docs/old-account-role.yaml: whom the old pool's account trusts, and with what."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.decode import decode

from cutover.rehearsal.local import Local
from tests.template.deploying import QUICK

TEMPLATE = Path(__file__).parents[2] / "docs" / "old-account-role.yaml"
OPERATOR = "arn:aws:iam::111122223333:role/operator"
VALUES = {
    "OldUserPoolId": "eu-west-1_OldPool01",
    "TrustedAccountId": "111122223333",
    "TrustedStackName": "people",
    "ExternalId": "handshake",
}
COMMAND_LINE_ALONE = {"cognito-idp:DescribeIdentityProvider", "cognito-idp:ListIdentityProviders"}
"""What `cutover doctor` reads of the old pool and no function does."""


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def branches(statements: Iterable[Any], *, condition: bool) -> list[dict[str, Any]]:
    """The statements, every condition of theirs taken as `condition`."""
    chosen = [one["Fn::If"][1 if condition else 2] if "Fn::If" in one else one for one in statements]
    return [one for one in chosen if "Sid" in one]


def all_branches(statements: Iterable[Any]) -> list[dict[str, Any]]:
    listed = list(statements)
    return branches(listed, condition=True) + branches(listed, condition=False)


def actions(statements: Iterable[dict[str, Any]]) -> set[str]:
    return {action for one in statements for action in as_list(one["Action"])}


@pytest.fixture(scope="module")
def role() -> dict[str, Any]:
    """The role's properties as they stand in the file, intrinsic functions in their long form."""
    found, problems = decode(str(TEMPLATE))
    assert not problems
    return dict(found["Resources"]["OldPoolRole"]["Properties"])


def policy_of(role: dict[str, Any]) -> list[Any]:
    (policy,) = role["Policies"]
    return list(policy["PolicyDocument"]["Statement"])


def function_statements(template: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Logical id of a role -> its statements, in each branch of each condition. The loops, which are lists,
    make no role."""
    return {
        name: [one for policy in row["Properties"]["Policies"] for one in _statements(policy)]
        for name, row in template["Resources"].items()
        if isinstance(row, dict) and row["Type"] == "AWS::IAM::Role"
    }


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    return all_branches(as_list(policy["PolicyDocument"]["Statement"]))


def test_the_linter_finds_nothing() -> None:
    assert [str(match) for match in lint_file(TEMPLATE)] == []


def test_it_allows_what_the_functions_ask_the_old_pool_and_no_more(
    role: dict[str, Any], template: dict[str, Any]
) -> None:
    asked = [
        one
        for statements in function_statements(template).values()
        for one in statements
        if "userpool/${OldUserPoolId}" in str(one["Resource"])
    ]
    assert actions(branches(policy_of(role), condition=False)) == actions(asked)


def test_an_operator_adds_what_the_command_line_alone_reads(role: dict[str, Any]) -> None:
    without, with_one = (actions(branches(policy_of(role), condition=has)) for has in (False, True))
    assert with_one - without == COMMAND_LINE_ALONE


def test_it_trusts_the_roles_of_the_functions_that_enter_the_old_account(
    role: dict[str, Any], template: dict[str, Any]
) -> None:
    entering = {
        name
        for name, statements in function_statements(template).items()
        if any(one["Sid"] == "EnterOldAccount" for one in statements)
    }
    (trust,) = branches(role["AssumeRolePolicyDocument"]["Statement"], condition=False)
    patterns = [one["Fn::Sub"] for one in trust["Condition"]["ArnLike"]["aws:PrincipalArn"]]
    account = "arn:${AWS::Partition}:iam::${TrustedAccountId}:role/${TrustedStackName}"
    assert sorted(patterns) == sorted(f"{account}-{name}-*" for name in entering)


@pytest.mark.parametrize("operator", [False, True], ids=["functions", "with an operator"])
def test_nobody_is_trusted_without_the_external_id(role: dict[str, Any], *, operator: bool) -> None:
    trusts = branches(role["AssumeRolePolicyDocument"]["Statement"], condition=operator)
    asked = [one["Condition"]["StringEquals"] for one in trusts]
    assert asked == [{"sts:ExternalId": {"Ref": "ExternalId"}}] * (1 + operator)


def test_the_names_of_the_trusted_roles_are_never_cut(template: dict[str, Any]) -> None:
    """A role's name has 64 characters: the stack's, the logical id, at most 13 of chance, and two hyphens.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-using-name-types.html
    """
    own, _ = decode(str(TEMPLATE))
    longest = max(
        len(name)
        for name, statements in function_statements(template).items()
        if any(one["Sid"] == "EnterOldAccount" for one in statements)
    )
    assert own["Parameters"]["TrustedStackName"]["MaxLength"] + longest + 13 + 2 <= 64


@pytest.mark.local_stack
class TestDeployed:
    @pytest.fixture
    def deploy(self, running_stack: Local, unique: Callable[[str], str]) -> Callable[..., dict[str, Any]]:
        """The role of a stack of these parameters, as IAM answers, with its policy under `Allowed`."""

        def run(**values: str) -> dict[str, Any]:
            cloudformation, iam = running_stack.client("cloudformation"), running_stack.client("iam")
            name = unique("old-account")
            cloudformation.create_stack(
                StackName=name,
                TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": value}
                    for key, value in {**VALUES, **values}.items()
                ],
                Capabilities=["CAPABILITY_IAM"],
            )
            cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=QUICK)
            (output,) = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
            assert output["OutputKey"] == "RoleArn"
            role_name = output["OutputValue"].rsplit("/", 1)[-1]
            found: dict[str, Any] = iam.get_role(RoleName=role_name)["Role"]
            assert found["Arn"] == output["OutputValue"]
            reply = iam.get_role_policy(RoleName=role_name, PolicyName="old-pool")
            return {**found, "Allowed": reply["PolicyDocument"]["Statement"]}

        return run

    @pytest.mark.parametrize("operator", ["", OPERATOR], ids=["functions", "with an operator"])
    def test_its_policy_names_the_one_pool(
        self, deploy: Callable[..., dict[str, Any]], operator: str
    ) -> None:
        role = deploy(OperatorArn=operator)
        account = role["Arn"].split(":")[4]
        pool = f"arn:aws:cognito-idp:eu-west-1:{account}:userpool/eu-west-1_OldPool01"
        assert [one["Resource"] for one in role["Allowed"]] == [pool] * (2 if operator else 1)

    def test_its_trust_names_the_account_the_word_and_the_functions(
        self, deploy: Callable[..., dict[str, Any]]
    ) -> None:
        (trust,) = deploy()["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
        assert trust["Condition"]["StringEquals"] == {"sts:ExternalId": "handshake"}
        assert trust["Condition"]["ArnLike"]["aws:PrincipalArn"] == [
            f"arn:aws:iam::111122223333:role/people-{name}-*"
            for name in ("MigrateUserRole", "SettleUserRole", "GuardSignUpRole")
        ]

    def test_an_operator_is_trusted_by_the_whole_arn(self, deploy: Callable[..., dict[str, Any]]) -> None:
        _, trust = deploy(OperatorArn=OPERATOR)["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Condition"] == {
            "StringEquals": {"sts:ExternalId": "handshake"},
            "ArnEquals": {"aws:PrincipalArn": OPERATOR},
        }
