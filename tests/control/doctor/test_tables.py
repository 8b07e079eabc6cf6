"""The two tables of a pair as doctor judges them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.control.doctor.table_facts import KeyFacts, PairView
from cutover.tables.pairs import TablePair
from cutover.tables.target_rules import IndexRule
from tests.control.doctor.healthy_tables import PAIR, SOURCE, TARGET, codes, facts, only, source, target, view

LOCAL = IndexRule("by-date", (("id", "S"), ("date", "S")), local=True)


def test_a_pair_that_will_move_well_has_no_finding() -> None:
    assert codes(facts()) == []


def test_a_pair_of_which_nothing_could_be_read_asserts_nothing() -> None:
    assert codes(facts(PairView(PAIR))) == []


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        (view(source=None, missing=("orders",)), "table_missing"),
        (target(status="INACCESSIBLE_ENCRYPTION_CREDENTIALS"), "table_not_active"),
        (target(key=KeyFacts("arn:aws:kms:x:1:key/k", True, "PendingDeletion")), "key_not_enabled"),
        (source(key=KeyFacts("arn:aws:kms:x:1:key/k", None, "Disabled")), "key_not_enabled"),
        (view(problem=("the transform a:b cannot be imported", "", "")), "transform_refused"),
        (view(changes_keys=True), "keys_change"),
        (view(key_problem=("the keys of orders and orders-new differ", "", "")), "keys_differ"),
        (view(pair=replace(PAIR, subs=(("owner", "{sub}"),))), "subs_without_users"),
        (target(ttl_attribute="expires"), "ttl_on_target"),
        (source(ttl_attribute="expires"), "ttl_after_switch"),
        (target(deletion_protected=False), "target_deletable"),
        (target(recoverable=False), "target_not_recoverable"),
        (source(global_version="2017.11.29"), "global_table_2017"),
        (source(replicas=("us-east-1",)), "source_is_global"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_thing_that_is_wrong_is_one_finding(pair: PairView, code: str) -> None:
    assert codes(facts(pair)) == [code]


@pytest.mark.parametrize(
    "pair",
    [
        target(status="UPDATING"),
        target(key=KeyFacts("arn:aws:kms:x:1:key/k", True)),
        target(recoverable=None),
        target(ttl_read=False, ttl_attribute="expires"),
    ],
)
def test_what_is_right_or_unknown_is_no_finding(pair: PairView) -> None:
    assert codes(facts(pair)) == []


@pytest.mark.parametrize("parameter", ["NewUserPoolId", "SubMapTableArn"])
def test_subs_are_mapped_by_the_users_of_this_stack_or_of_another(parameter: str) -> None:
    subs = view(pair=replace(PAIR, subs=(("owner", "{sub}"),)))
    assert codes(facts(subs, **{parameter: "eu-west-1_New"})) == []


def test_keys_that_a_function_makes_are_told_from_renamed_ones() -> None:
    assert only(facts(view(changes_keys=True)), "keys_change").data["by_function"] is False
    made = only(facts(view(changes_keys=True, may_collide=True)), "keys_change")
    assert "one by one" in made.reason


def test_two_attributes_for_expiry_are_named_unless_a_transform_may_rename_them() -> None:
    both: dict[str, Any] = {
        "source": replace(SOURCE, ttl_attribute="until"),
        "target": replace(TARGET, ttl_attribute="expires"),
    }
    assert codes(facts(view(**both))) == ["ttl_on_target", "ttl_differs"]
    for renaming in (replace(PAIR, transform="a:b"), replace(PAIR, rename=(("until", "expires"),))):
        assert codes(facts(view(**both, pair=renaming))) == ["ttl_on_target"]


@pytest.mark.parametrize(
    ("bytes_", "source_indexes", "expected"),
    [(11 * 2**30, (), ["collection_limit"]), (9 * 2**30, (), []), (11 * 2**30, (LOCAL,), [])],
)
def test_a_local_index_that_only_the_target_has_limits_what_one_key_holds(
    bytes_: int, source_indexes: tuple[IndexRule, ...], expected: list[str]
) -> None:
    pair = view(
        source=replace(SOURCE, bytes=bytes_, indexes=source_indexes), target=replace(TARGET, indexes=(LOCAL,))
    )
    assert [code for code in codes(facts(pair)) if code != "backfill_long"] == expected


BY_CODE = IndexRule("by-code", (("code", "S"),))


@pytest.mark.parametrize("theirs", ["S", "N"])
@pytest.mark.parametrize(
    ("pair", "name", "seen"),
    [
        (PAIR, "code", True),
        (replace(PAIR, rename=(("code", "old_code"),)), "old_code", True),
        (replace(PAIR, rename=(("code", "old_code"),)), "code", False),
        (replace(PAIR, drop=("code",)), "code", False),
        (replace(PAIR, transform="a:b"), "code", False),
        (PAIR, "another", False),
    ],
)
def test_an_attribute_that_indexes_of_both_have_must_be_of_one_type_in_them(
    pair: TablePair, name: str, seen: bool, theirs: str
) -> None:
    """Also where no item of the sample has it: most items may stay out of an index."""
    index = IndexRule("by-name", ((name, theirs), ("id", "S")))
    found = view(
        pair=pair, source=replace(SOURCE, indexes=(BY_CODE,)), target=replace(TARGET, indexes=(index,))
    )
    assert ("index_type_differs" in codes(facts(found))) is (seen and theirs == "N")


def test_every_pair_is_looked_at() -> None:
    assert codes(facts(view(), target(deletion_protected=False))) == ["target_deletable"]
