"""The mapping of a Kinesis stream: that of a table's own stream, but for age and filter; and the alarms."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.tables.tuning import TUNING
from tests.template.expanding import KINESIS, TABLES, expanded

DEFAULT_RETENTION = 24 * 3600
"""https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html"""


@pytest.fixture(scope="module")
def mappings() -> dict[str, dict[str, Any]]:
    """By the logical id's beginning."""
    found = expanded({**TABLES, "SourceKinesisArns": KINESIS})["Resources"]
    kinesis = [name for name in found if name.startswith("MirrorKinesisarn")]
    stream = [name for name in found if name.startswith("Mirrorarn")]
    return {"kinesis": found[kinesis[0]], "stream": found[stream[0]]} | {"all": {"n": kinesis + stream}}


def test_each_stream_has_one_mapping(mappings: dict[str, dict[str, Any]]) -> None:
    assert len(mappings["all"]["n"]) == 2


def test_a_kinesis_stream_is_mirrored_as_a_table_s_own_is(mappings: dict[str, dict[str, Any]]) -> None:
    kinesis, stream = (dict(mappings[name]["Properties"]) for name in ("kinesis", "stream"))
    assert kinesis.pop("EventSourceArn") == KINESIS
    assert kinesis.pop("MaximumRecordAgeInSeconds") == {"Ref": "KinesisRecordAge"}
    assert kinesis.pop("FilterCriteria")["Fn::If"][0] == "SharesKinesisStreams"
    for name in ("EventSourceArn", "MaximumRecordAgeInSeconds"):
        stream.pop(name)
    assert kinesis == stream


def test_each_mapping_is_made_only_where_its_kind_of_stream_is_named(
    mappings: dict[str, dict[str, Any]],
) -> None:
    assert mappings["kinesis"]["Condition"] == "HasKinesisStreams"
    assert mappings["stream"]["Condition"] == "HasStreams"


def test_by_default_the_mirror_gives_up_before_a_kinesis_stream_forgets(template: dict[str, Any]) -> None:
    age = template["Parameters"]["KinesisRecordAge"]
    assert age["Default"] == TUNING.record_age < DEFAULT_RETENTION


def test_the_age_is_one_that_lambda_takes(template: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html"""
    age = template["Parameters"]["KinesisRecordAge"]
    assert 60 <= age["MinValue"] < age["MaxValue"] <= 604800


@pytest.mark.parametrize("streams", [{"SourceStreamArns": "none", "SourceKinesisArns": KINESIS}, {}])
def test_a_table_has_alarms_of_its_own_however_its_changes_come(streams: dict[str, str]) -> None:
    found = expanded({**TABLES, **streams})["Resources"]
    table = "".join(filter(str.isalnum, TABLES["SourceTableArns"]))
    assert {name for name in found if name.startswith(("MirrorLag", "MirrorLoss"))} == {
        "MirrorLagAlarm",
        "MirrorLossAlarm",
        f"MirrorLag{table}",
        f"MirrorLoss{table}",
    }
