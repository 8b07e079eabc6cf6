"""What attach would set, in the words of the tool that keeps the pool as code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cutover.control.attach_plan import AttachPlan
from cutover.control.client_settings import FLOWS
from cutover.control.trigger_set import merged

_IN_TERRAFORM = {
    "UserMigration": "user_migration",
    "PreSignUp": "pre_sign_up",
    "PreTokenGeneration": "pre_token_generation",
    "PreTokenGenerationConfig": "pre_token_generation_config",
    "LambdaVersion": "lambda_version",
    "LambdaArn": "lambda_arn",
}
_BESIDE = "beside what stands there already; an entry that stands there is replaced"


def snippet(tool: str, plan: AttachPlan) -> str:
    """The triggers that `plan` sets, and the flows of its app clients. `tool` is one of TOOLS."""
    return "\n".join(TOOLS[tool](plan))


def _cloudformation(plan: AttachPlan) -> Iterator[str]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpool-lambdaconfig.html"""
    yield f"# Properties of the AWS::Cognito::UserPool {plan.pool_id}: {_BESIDE}."
    yield "LambdaConfig:"
    for name, value in _entries(plan):
        yield from _yaml(name, value, 2)
    for client, flows in _clients(plan):
        yield f"# Properties of the AWS::Cognito::UserPoolClient {client}."
        yield f"{FLOWS}:"
        yield from (f"  - {flow}" for flow in flows)


def _terraform(plan: AttachPlan) -> Iterator[str]:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cognito_user_pool"""
    yield f"# In the aws_cognito_user_pool {plan.pool_id}: {_BESIDE}."
    yield "lambda_config {"
    for name, value in _entries(plan):
        yield from _hcl(_IN_TERRAFORM[name], value, 2)
    yield "}"
    yield "# Where cutover attach is to set them by itself instead, so that no plan takes them off again:"
    yield "# lifecycle { ignore_changes = [lambda_config] }"
    for client, flows in _clients(plan):
        yield f"# In the aws_cognito_user_pool_client {client}."
        yield f"explicit_auth_flows = {json.dumps(list(flows))}"


def _cdk(plan: AttachPlan) -> Iterator[str]:
    """https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html"""
    yield f"// userPool is the UserPool {plan.pool_id}; an entry that stands there is replaced."
    yield "const cfnUserPool = userPool.node.defaultChild as cognito.CfnUserPool;"
    for name, value in _entries(plan):
        yield f"cfnUserPool.addPropertyOverride({_js(f'LambdaConfig.{name}')}, {_js(value)});"
    for number, (client, flows) in enumerate(_clients(plan), 1):
        yield f"// client{number} is the UserPoolClient {client}."
        yield f"(client{number}.node.defaultChild as cognito.CfnUserPoolClient)"
        yield f"  .addPropertyOverride({_js(FLOWS)}, {_js(list(flows))});"


TOOLS: Mapping[str, Callable[[AttachPlan], Iterator[str]]] = {
    "cloudformation": _cloudformation,
    "terraform": _terraform,
    "cdk": _cdk,
}


def _entries(plan: AttachPlan) -> Iterator[tuple[str, Any]]:
    yield from merged({}, plan.triggers.edit).items()


def _clients(plan: AttachPlan) -> Iterator[tuple[str, Sequence[str]]]:
    for client in plan.clients:
        yield client.id, client.flows or ()


def _yaml(name: str, value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"{' ' * indent}{name}:"
        for inner, one in value.items():
            yield from _yaml(inner, one, indent + 2)
    else:
        yield f"{' ' * indent}{name}: {json.dumps(value)}"


def _hcl(name: str, value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"{' ' * indent}{name} {{"
        for inner, one in value.items():
            yield from _hcl(_IN_TERRAFORM[inner], one, indent + 2)
        yield f"{' ' * indent}}}"
    else:
        yield f"{' ' * indent}{name} = {json.dumps(value)}"


def _js(value: Any) -> str:
    return json.dumps(value)
