"""Functions on moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.aws.cloud import AWS, zipped


@pytest.fixture
def functions() -> Iterator[Any]:
    """Lambda with the function `migrate`, one version of it, and the alias `live` on that."""
    with mock_aws():
        client = AWS.client("lambda")
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role = AWS.client("iam").create_role(RoleName="migrate", AssumeRolePolicyDocument=trust)["Role"][
            "Arn"
        ]
        client.create_function(
            FunctionName="migrate",
            Runtime="python3.13",
            Handler="a.b",
            Role=role,
            Code={"ZipFile": zipped()},
            Publish=True,
        )
        client.create_alias(FunctionName="migrate", Name="live", FunctionVersion="1")
        yield client
