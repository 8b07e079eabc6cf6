from __future__ import annotations

import json
from typing import Any

import pytest
from moto import mock_aws

from cutover.aws.session import Aws
from cutover.aws.stack import StackMissing, read_deployment
from cutover.errors import UsageError

TEMPLATE = {
    "Parameters": {"Tables": {"Type": "String", "Default": ""}, "NewUserPoolId": {"Type": "String"}},
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {"RetryQueueUrl": {"Value": {"Ref": "Queue"}}},
}


@pytest.fixture
def cloudformation() -> Any:
    with mock_aws():
        yield Aws(region="eu-west-1").client("cloudformation")


def create(cloudformation: Any) -> None:
    cloudformation.create_stack(
        StackName="people",
        TemplateBody=json.dumps(TEMPLATE),
        Parameters=[{"ParameterKey": "NewUserPoolId", "ParameterValue": "eu-west-1_new"}],
    )


def test_parameters_outputs_and_status_are_read(cloudformation: Any) -> None:
    create(cloudformation)
    deployment = read_deployment(Aws(region="eu-west-1"), "people")
    assert deployment.parameter("NewUserPoolId") == "eu-west-1_new"
    assert deployment.parameter("Tables") is None
    assert deployment.output("RetryQueueUrl").startswith("https://")
    assert deployment.status == "CREATE_COMPLETE"


def test_a_stack_that_does_not_exist_is_named_with_its_region(cloudformation: Any) -> None:
    with pytest.raises(StackMissing) as missing:
        read_deployment(Aws(region="eu-west-1"), "peeple")
    assert str(missing.value) == "stack peeple does not exist in eu-west-1"
    assert missing.value.next_command == "make deploy"


def test_an_output_that_the_stack_does_not_have_is_named(cloudformation: Any) -> None:
    create(cloudformation)
    with pytest.raises(UsageError, match="no output LedgerTable"):
        read_deployment(Aws(region="eu-west-1"), "people").output("LedgerTable")
