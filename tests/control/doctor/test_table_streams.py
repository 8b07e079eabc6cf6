"""The sources' streams as doctor judges them: mapped, followed, and read by how many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.control.doctor.examine import examine
from cutover.control.doctor.findings import Severity
from cutover.control.doctor.table_facts import PairView, Reader, TablesView
from tests.control.doctor.healthy_tables import (
    ARN,
    MIRROR,
    PARAMETERS,
    SOURCE,
    STREAM,
    VIEW,
    codes,
    facts,
    only,
    source,
    view,
)

OTHER = Reader("search-indexer", "Enabled", "LATEST")
THIRD = Reader("audit", "Enabled", "LATEST")
KINESIS = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders-changes"
GLOBAL = replace(SOURCE, global_version="2019.11.21")


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        (source(stream_arn=None, stream_view=None), "stream_off"),
        (source(stream_view="KEYS_ONLY"), "stream_keys_only"),
        (view(readers=(MIRROR, OTHER)), "stream_full"),
        (view(readers=(MIRROR, OTHER, THIRD)), "stream_taken"),
        (view(source=GLOBAL, readers=(MIRROR, OTHER)), "stream_taken"),
        (view(readers=()), "mirror_stands"),
        (view(readers=(replace(MIRROR, state="Disabled"),)), "mirror_stands"),
        (view(readers=(replace(MIRROR, position="LATEST"),)), "mirror_stands"),
        (view(kinesis=(KINESIS,)), "kinesis_destination"),
        (view(stream_shared=False), "stream_not_shared"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_thing_that_is_wrong_is_one_finding(pair: PairView, code: str) -> None:
    found = codes(facts(pair))
    assert [one for one in found if one != "stream_of_no_pair"] == [code]


@pytest.mark.parametrize(
    "pair",
    [
        view(readers=None),
        view(stream_shared=True),
        view(source=GLOBAL),
        source(stream_view="NEW_IMAGE"),
        view(readers=(replace(MIRROR, state="Creating"),)),
    ],
)
def test_what_is_right_or_unknown_is_no_finding(pair: PairView) -> None:
    assert codes(facts(pair)) == []


def test_readers_that_no_list_shows_are_said_to_be_unseen_with_the_most_that_are_borne() -> None:
    assert only(facts(), "readers_unseen").data["most"] == 2
    assert only(facts(view(source=GLOBAL)), "readers_unseen").data["most"] == 1


def test_taken_readers_are_an_error_that_advises_kinesis() -> None:
    found = only(facts(view(readers=(MIRROR, OTHER, THIRD))), "stream_taken")
    assert found.severity is Severity.ERROR
    assert "Kinesis" in found.fix
    assert found.data["readers"] == ["search-indexer", "audit"]


def test_a_mirror_that_is_switched_off_is_not_missed() -> None:
    assert codes(facts(view(readers=()), MirrorState="off")) == []


def test_a_stream_that_the_stack_does_not_know_is_an_error() -> None:
    parameters = {"SourceStreamArns": "none"}
    assert codes(facts(**parameters)) == ["stream_not_mapped"]


def test_a_stream_that_was_switched_on_again_is_told_from_one_that_was_forgotten() -> None:
    renewed = source(stream_arn=STREAM.replace("2026-01-01", "2026-02-02"))
    found = only(facts(renewed), "stream_renewed")
    assert found.data == {
        "pair": VIEW.id,
        "deployed": [STREAM],
        "now": f"{ARN}/orders/stream/2026-02-02T00:00:00.000",
    }
    assert "stream_not_mapped" not in codes(facts(renewed))


def test_a_stream_of_another_region_needs_another_stack() -> None:
    assert codes(facts(tables=TablesView((VIEW,), region="us-east-1"))) == ["stream_elsewhere"]


def test_a_stream_whose_table_moves_nowhere_is_named() -> None:
    stray = f"{ARN}/carts/stream/2026-01-01T00:00:00.000"
    found = only(facts(SourceStreamArns=f"{PARAMETERS['SourceStreamArns']},{stray}"), "stream_of_no_pair")
    assert found.data == {"stream": stray}


def test_what_belongs_to_no_pair_is_not_judged_while_a_source_could_not_be_read() -> None:
    unread: dict[str, Any] = {"source": None}
    assert codes(facts(view(**unread))) == []


def test_before_the_stack_exists_nothing_of_it_is_missed() -> None:
    assert codes(facts(view(readers=()), stack="")) == []


def test_the_note_on_unseen_readers_stands_beside_an_error_too() -> None:
    found = [one.code for one in examine(facts(view(readers=(OTHER, THIRD, MIRROR))))]
    assert "readers_unseen" in found


def by_kinesis(pair: PairView, **parameters: str) -> list[str]:
    return codes(facts(pair, SourceStreamArns="none", SourceKinesisArns=KINESIS, **parameters))


FOLLOWED = view(
    source=replace(SOURCE, stream_arn=None, stream_view=None),
    readers=None,
    kinesis=(KINESIS,),
    kinesis_readers=(MIRROR,),
)


def test_a_source_that_is_mirrored_through_kinesis_needs_no_stream() -> None:
    assert by_kinesis(FOLLOWED) == []


def test_taken_readers_do_not_matter_to_a_mirror_through_kinesis() -> None:
    others = replace(FOLLOWED, source=SOURCE, readers=(OTHER, THIRD))
    assert by_kinesis(others) == []


def test_a_kinesis_stream_that_nobody_of_ours_follows_is_a_mirror_that_stands() -> None:
    assert by_kinesis(replace(FOLLOWED, kinesis_readers=())) == ["mirror_stands"]
    disabled = (replace(MIRROR, state="Disabled"),)
    assert by_kinesis(replace(FOLLOWED, kinesis_readers=disabled)) == ["mirror_stands"]


def test_a_destination_that_is_off_leaves_the_source_without_a_mirror() -> None:
    off = replace(FOLLOWED, kinesis=(), kinesis_readers=None)
    assert by_kinesis(off) == ["stream_off", "kinesis_of_no_pair"]


def test_a_table_that_the_filter_leaves_out_is_an_error() -> None:
    assert by_kinesis(FOLLOWED, KinesisTables="carts,orders") == []
    assert by_kinesis(FOLLOWED, KinesisTables="carts") == ["kinesis_filtered"]
