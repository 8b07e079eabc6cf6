"""Entries of LambdaConfig: what is sent for each trigger, and when two configurations are the same."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.control.trigger_set import CLAIMS, GUARD, MIGRATION, arn_of, canonical, held, merged, setting

OURS, THEIRS = "arn:ours", "arn:theirs"


def config(version: str, arn: str = THEIRS) -> dict[str, str]:
    return {"LambdaVersion": version, "LambdaArn": arn}


@pytest.mark.parametrize("kind", [MIGRATION, GUARD])
def test_a_trigger_of_one_name_is_set_under_it(kind: str) -> None:
    assert setting({}, kind, OURS) == {kind: OURS}


@pytest.mark.parametrize(
    ("tier", "version"), [("LITE", "V1_0"), ("ESSENTIALS", "V2_0"), ("PLUS", "V2_0"), (None, "V1_0")]
)
def test_the_feature_plan_decides_the_version_where_there_is_none(tier: str | None, version: str) -> None:
    sent = setting({"UserPoolTier": tier}, CLAIMS, OURS)
    assert merged({}, sent) == {"PreTokenGenerationConfig": config(version, OURS)}


@pytest.mark.parametrize("version", ["V1_0", "V2_0", "V3_0"])
def test_the_version_of_the_function_that_is_there_stays(version: str) -> None:
    pool = {"UserPoolTier": "PLUS", "LambdaConfig": {"PreTokenGenerationConfig": config(version)}}
    assert setting(pool, CLAIMS, OURS)["PreTokenGenerationConfig"] == config(version, OURS)


def test_both_names_are_set_alike_where_both_stand() -> None:
    both = {"PreTokenGeneration": THEIRS, "PreTokenGenerationConfig": config("V2_0")}
    assert setting({"LambdaConfig": both}, CLAIMS, OURS) == {
        "PreTokenGeneration": OURS,
        "PreTokenGenerationConfig": config("V2_0", OURS),
    }


def test_the_older_name_alone_stays_alone() -> None:
    pool = {"UserPoolTier": "PLUS", "LambdaConfig": {"PreTokenGeneration": THEIRS}}
    assert merged({}, setting(pool, CLAIMS, OURS)) == {"PreTokenGeneration": OURS}


@pytest.mark.parametrize(
    ("found", "arn"),
    [
        ({}, None),
        ({"PreTokenGeneration": THEIRS}, THEIRS),
        ({"PreTokenGenerationConfig": config("V2_0")}, THEIRS),
        ({"PreTokenGeneration": THEIRS, "PreTokenGenerationConfig": config("V2_0")}, THEIRS),
    ],
)
def test_the_function_is_found_under_either_name(found: dict[str, Any], arn: str | None) -> None:
    assert arn_of(found, CLAIMS) == arn


@pytest.mark.parametrize(
    "same",
    [
        {"PreTokenGeneration": THEIRS},
        {"PreTokenGenerationConfig": config("V1_0")},
        {"PreTokenGeneration": THEIRS, "PreTokenGenerationConfig": config("V1_0")},
    ],
)
def test_one_trigger_under_either_name_or_both_is_the_same(same: dict[str, Any]) -> None:
    assert canonical(same) == {"PreTokenGenerationConfig": config("V1_0")}


def test_names_that_do_not_agree_stay_two() -> None:
    differing = {"PreTokenGeneration": OURS, "PreTokenGenerationConfig": config("V1_0")}
    assert canonical(differing) == differing


@pytest.mark.parametrize(
    ("found", "kinds"),
    [
        ({}, ()),
        ({MIGRATION: OURS}, (MIGRATION,)),
        ({MIGRATION: THEIRS, GUARD: OURS}, (GUARD,)),
        ({CLAIMS: OURS, "PreTokenGenerationConfig": config("V2_0", OURS)}, (CLAIMS,)),
        ({"PreTokenGenerationConfig": config("V1_0", OURS)}, ()),
    ],
)
def test_a_pool_holds_those_triggers_that_are_as_we_sent_them(
    found: dict[str, Any], kinds: tuple[str, ...]
) -> None:
    sent = {MIGRATION: OURS, GUARD: OURS, CLAIMS: None, "PreTokenGenerationConfig": config("V2_0", OURS)}
    assert held(found, sent) == kinds
