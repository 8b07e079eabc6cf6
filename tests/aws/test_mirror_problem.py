"""Whether a mirror follows a table's stream, by what Lambda says of its mappings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cutover.aws.table_facts import mirror_problem

STREAM = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:mirror:live"


@dataclass
class OneClient:
    """As `Aws` for whoever asks for Lambda alone; botocore's own model looks at what is asked and said."""

    lambda_: Any

    def client(self, _service: str, **_options: Any) -> Any:
        return self.lambda_


def problem(at_work: bool, *mappings: dict[str, str]) -> str:
    client = boto3.client("lambda", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        rows = [
            {
                "UUID": f"{n:0>8}-0000-4000-8000-000000000000",
                "FunctionArn": FUNCTION,
                "State": "Enabled",
                **mapping,
            }
            for n, mapping in enumerate(mappings)
        ]
        stub.add_response(
            "list_event_source_mappings", {"EventSourceMappings": rows}, {"EventSourceArn": STREAM}
        )
        aws: Any = OneClient(client)
        return mirror_problem(aws, FUNCTION, STREAM, at_work=at_work)


FAILED = {"LastProcessingResult": "PROBLEM: Function call failed"}


@pytest.mark.parametrize("last", ["OK", "No records processed"])
def test_an_enabled_mapping_that_gets_on_is_a_mirror_at_work(last: str) -> None:
    assert problem(True, {"LastProcessingResult": last}) == ""
    assert problem(True, {}) == ""


def test_a_mapping_whose_last_call_failed_is_a_mirror_that_does_not_get_on() -> None:
    assert problem(False, FAILED) == ""
    assert problem(True, FAILED) == "PROBLEM: Function call failed"


def test_a_mapping_that_is_not_enabled_is_none_whatever_its_last_call() -> None:
    assert "is Disabled" in problem(True, {"State": "Disabled", "LastProcessingResult": "OK"})


def test_a_mapping_of_another_function_is_none() -> None:
    assert "no event source mapping" in problem(False, {"FunctionArn": FUNCTION.replace("mirror", "other")})
