"""template.yaml as CloudFormation gets to see it: cfn-lint's AWS::LanguageExtensions, then SAM's transform.

`python -m tests.template.expanding` prints it as JSON for checkov, with the waivers that stand in the
template's Metadata in every resource, where checkov looks for them:
https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cfnlint.decode import decode
from cfnlint.template import Template
from cfnlint.template.transforms._language_extensions import language_extension
from samtranslator.translator.transform import transform

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
ACCOUNT, REGION = "123456789012", "eu-west-1"

USERS = {
    "NewUserPoolId": f"{REGION}_NewPool01",
    "OldUserPoolId": f"{REGION}_OldPool01",
    "OldClientId": "1example23456789",
}
TABLES = {
    "Tables": '[{"source":"orders","target":"orders-new"}]',
    "SourceTableArns": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
    "TargetTableArns": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders-new",
    "SourceStreamArns": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders/stream/2026-01-01T00:00:00.000",
}
KINESIS = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/orders-changes"


class NoManagedPolicies:
    """The template names none, so that SAM has nothing to look up."""

    def load(self) -> dict[str, str]:
        return {}


def written() -> dict[str, Any]:
    """The template as it stands in the file, intrinsic functions in their long form."""
    template, problems = decode(str(TEMPLATE))
    if problems:
        raise ValueError(problems)
    return dict(template)


def expanded(values: Mapping[str, str] | None = None) -> dict[str, Any]:
    """After both transforms, with parameters of these values (default: users and one pair of tables)."""
    template = written()
    values = {**USERS, **TABLES} if values is None else values
    for name, value in values.items():
        template["Parameters"][name]["Default"] = value
    problems, looped = language_extension(Template(str(TEMPLATE), template, [REGION]))
    if problems or looped is None:
        raise ValueError(problems)
    looped = json.loads(json.dumps(looped))
    looped["Transform"] = "AWS::Serverless-2016-10-31"
    for resource in looped["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/code"
    looped.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    result: dict[str, Any] = transform(
        copy.deepcopy(looped), dict(values), NoManagedPolicies(), passthrough_metadata=True
    )
    return result


def for_checkov() -> dict[str, Any]:
    template = expanded()
    for resource in template["Resources"].values():
        resource["Metadata"] = {"checkov": template["Metadata"]["checkov"]}
    return template


if __name__ == "__main__":
    json.dump(for_checkov(), sys.stdout, indent=1)
