"""A dozen table pairs in one deployment: a mapping and alarms for each, within the limits of AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cutover.handlers.pairs_log import source_name
from cutover.tables.pairs import parse_pairs
from tests.template.dozen import PAIRS, names, pairs_json, parameters, stream
from tests.template.expanding import USERS, expanded

TABLES = names()


@pytest.fixture(scope="module")
def dozen() -> dict[str, Any]:
    """The whole template, users too, with a dozen pairs."""
    return expanded({**USERS, **parameters(TABLES)})


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: one["Properties"] for name, one in template["Resources"].items() if one["Type"] == kind}


def test_every_stream_has_a_mapping_of_its_own(dozen: dict[str, Any]) -> None:
    """So a shard that is held holds its own table alone."""
    mappings = of_type(dozen, "AWS::Lambda::EventSourceMapping").values()
    streams = [one["EventSourceArn"] for one in mappings if "/stream/" in str(one["EventSourceArn"])]
    assert sorted(streams) == sorted(map(stream, TABLES))


@pytest.mark.parametrize("alarm", ["MirrorLag", "MirrorLoss"])
def test_every_table_has_alarms_of_its_own_under_the_name_that_the_mirror_counts_by(
    dozen: dict[str, Any], alarm: str
) -> None:
    found = [
        dimensions_of(one)["table"]
        for name, one in of_type(dozen, "AWS::CloudWatch::Alarm").items()
        if name.startswith(f"{alarm}arn")
    ]
    assert sorted(map(select, found)) == sorted(
        source_name(pair.id) for pair in parse_pairs(pairs_json(TABLES))
    )


def dimensions_of(alarm: dict[str, Any]) -> dict[str, Any]:
    """Those that the mirror's metric has, no more and no fewer: an alarm on other dimensions never fires."""
    found = {row["Name"]: row["Value"] for row in alarm["Dimensions"]}
    assert found.keys() == {"service", "table"}
    assert found["service"] == {"Ref": "AWS::StackName"}
    return found


def select(value: Any) -> str:
    """What CloudFormation makes of the alarm's `table`."""
    index, split = value["Fn::Select"]
    separator, text = split["Fn::Split"]
    return str(text.split(separator)[index])


def test_a_dozen_pairs_are_far_from_the_limits_of_cloudformation(dozen: dict[str, Any]) -> None:
    """500 and 1 MB:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    """
    assert len(dozen["Resources"]) < 250
    assert len(json.dumps(dozen)) < 500_000


def test_no_parameter_of_a_dozen_pairs_is_too_long() -> None:
    """4,096 bytes: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html."""
    assert max(len(value) for value in parameters(TABLES).values()) < 4096


def test_a_dozen_pairs_fit_a_parameter_of_the_advanced_tier_and_not_an_environment() -> None:
    """8 KB and 4 KB: docs.aws.amazon.com/general/latest/gr/ssm.html and
    docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; the environment holds them twice."""
    size = len(pairs_json(TABLES))
    assert size < 8192
    assert 2 * size > 4096


def test_no_role_of_a_dozen_pairs_outgrows_its_inline_policies(dozen: dict[str, Any]) -> None:
    """10,240 characters for a role: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
    sizes = {
        name: sum(map(length, policies))
        for name, one in of_type(dozen, "AWS::IAM::Role").items()
        if (policies := one.get("Policies"))
    }
    assert max(sizes.values()) < 10_240, sizes


def length(policy: Any) -> int:
    return len(json.dumps(filled(policy["PolicyDocument"]), separators=(",", ":")))


def filled(document: Any) -> Any:
    """Lists of ARNs in the place of the parameters that hold them; other references as long as an ARN."""
    values = parameters(TABLES)
    if isinstance(document, dict):
        if document.keys() == {"Ref"}:
            text = values.get(document["Ref"], "")
            return text.split(",") if text else "a" * 80
        if len(document) == 1 and next(iter(document)).startswith("Fn::"):
            return lists_in(document, values)
        return {key: filled(value) for key, value in document.items()}
    return [filled(one) for one in document] if isinstance(document, list) else document


def lists_in(function: dict[str, Any], values: dict[str, str]) -> Any:
    """The longest that a function can come to here: the named ARNs, each with a suffix, or one ARN, or both
    sides of a condition."""
    if "Fn::If" in function:
        return [filled(one) for one in function["Fn::If"][1:]]
    named = [name for name in values if json.dumps({"Ref": name}) in json.dumps(function)]
    return [f"{one}/stream/*" for name in named for one in values[name].split(",")] or "a" * 120


def test_there_are_as_many_as_the_name_says() -> None:
    assert len(TABLES) == PAIRS == 12
