"""What a row of TABLES may ask for, and what of it is refused before anything is opened."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cutover.errors import UsageError
from cutover.tables.key_check import check_keys
from cutover.tables.pairs import TablePair, parse_pairs

KEY = (("k", "S"),)


def pair(**fields: Any) -> TablePair:
    (parsed,) = parse_pairs(json.dumps([{"source": "old", "target": "new", **fields}]))
    return parsed


def test_what_is_declared_is_kept_in_its_order() -> None:
    parsed = pair(rename={"b": "c", "a": "b"}, drop=["x", "y", "x"], subs={"owner": "USER#{sub}"})
    assert parsed.rename == (("b", "c"), ("a", "b"))
    assert parsed.drop == ("x", "y")
    assert parsed.subs == (("owner", "USER#{sub}"),)


def test_subs_may_stand_in_maps_and_lists() -> None:
    paths = ["owner.sub", "members[].sub", "a\\.b[][]"]
    assert pair(subs=paths).subs == tuple((path, "{sub}") for path in paths)


def test_subs_without_a_text_around_them_are_a_list_of_names() -> None:
    assert pair(subs=["owner"]).subs == (("owner", "{sub}"),)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"rename": ["a"]}, "no map of names"),
        ({"rename": {"a": ""}}, "no map of names"),
        ({"rename": {"": "a"}}, "no empty name"),
        ({"rename": {"a": "c", "b": "c"}}, "two attributes would become c"),
        ({"rename": {"a": "a"}}, "would stay what it is"),
        ({"rename": {"a": "aws:rep:updatetime"}}, "DynamoDB's own attribute"),
        ({"rename": {"a": "b"}, "drop": ["a"]}, "dropped, and so not there"),
        ({"drop": "a"}, "no list of names"),
        ({"drop": [5]}, "no list of names"),
        ({"subs": "owner"}, "neither a list of names nor a map"),
        ({"subs": {"owner": 5}}, "neither a list of names nor a map"),
        ({"subs": {"owner": "USER#"}}, "does not hold {sub} once"),
        ({"subs": {"owner": "{sub}{sub}"}}, "does not hold {sub} once"),
        ({"subs": ["owner."]}, "is no path"),
        ({"subs": ["members[0]"]}, "is no path"),
        ({"subs": ["owner", "owner.sub"]}, "owner cannot be a sub and hold one in owner.sub"),
        ({"subs": ["a[]", "a[][].b"]}, "a[] cannot be a sub and hold one in a[][].b"),
        ({"key": "m:f"}, "no inverse"),
        ({"inverse": "m:f"}, "no transform and no key function"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_refused_with_the_field_and_the_reason(fields: Any, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        pair(**fields)
    assert why in str(refused.value.cause)
    assert refused.value.fix
    assert any(name in refused.value.message for name in fields)


def test_an_unknown_field_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(UsageError) as refused:
        pair(renames={"a": "b"})
    assert "rename" in str(refused.value.fix)


@pytest.mark.parametrize(
    ("fields", "source", "target"),
    [
        ({}, KEY, KEY),
        ({"rename": {"k": "id"}}, KEY, (("id", "S"),)),
        ({"rename": {"a": "b"}, "drop": ["c"]}, KEY, KEY),
        ({"rename": {"k": "other", "a": "k"}, "inverse": "m:f", "transform": "m:f"}, KEY, KEY),
        ({"subs": ["k"]}, KEY, KEY),
        ({"key": "m:f", "inverse": "m:f", "drop": ["k"]}, KEY, (("pk", "N"), ("sk", "B"))),
    ],
    ids=str,
)
def test_keys_that_fit_are_taken(fields: Any, source: Any, target: Any) -> None:
    check_keys(pair(**fields), source, target)


@pytest.mark.parametrize(
    ("fields", "source", "target", "why"),
    [
        ({}, KEY, (("k", "N"),), "keys of old and new differ"),
        ({}, KEY, (("id", "S"),), "keys of old and new differ"),
        ({"rename": {"k": "id"}}, KEY, KEY, "takes the key attribute k of new away"),
        ({"rename": {"k": "id"}}, KEY, (("id", "N"),), "keys of old and new differ"),
        ({"rename": {"a": "k"}}, KEY, KEY, "renames a to k, which every item has already"),
        ({"drop": ["k"]}, KEY, KEY, "takes the key attribute k of new away"),
        ({"drop": ["k"], "rename": {"a": "k"}}, KEY, KEY, "drops k, which tells items of old apart"),
        ({"drop": ["s"]}, (*KEY, ("s", "S")), KEY, "drops s, which tells items of old apart"),
        ({"drop": ["k"]}, (*KEY, ("s", "S")), (("s", "S"),), "drops k, which tells items of old apart"),
        (
            {"drop": ["s"], "rename": {"k": "id"}, "transform": "m:f"},
            (*KEY, ("s", "S")),
            (("id", "S"),),
            "drops s, which tells items of old apart",
        ),
        (
            {"key": "m:f", "inverse": "m:f", "drop": ["pk"]},
            KEY,
            (("pk", "S"),),
            "takes the key attribute pk of new away",
        ),
        ({"subs": ["n"]}, (("n", "N"),), (("n", "N"),), "holds no text"),
        ({"subs": ["k.sub"]}, KEY, KEY, "holds no text"),
    ],
    ids=str,
)
def test_keys_that_cannot_fit_are_refused(fields: Any, source: Any, target: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        check_keys(pair(**fields), source, target)
