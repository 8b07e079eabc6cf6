"""Equality, keys, JSON and sizes of typed items."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given

from cutover.tables.items import (
    MalformedItem,
    canonical,
    from_json,
    from_lambda,
    key_id,
    key_of,
    same,
    size,
    strip_replication,
    to_json,
)
from tests.tables.typed_items import items


@given(items)
def test_json_and_back_is_the_same_item(item: Any) -> None:
    assert from_json(json.loads(json.dumps(to_json(item)))) == item


@given(items)
def test_an_item_equals_itself_with_sets_and_maps_in_another_order(item: Any) -> None:
    def turned(value: Any) -> Any:
        ((kind, content),) = value.items()
        if kind == "M":
            return {"M": {name: turned(content[name]) for name in reversed(content)}}
        if kind == "L":
            return {"L": [turned(member) for member in content]}
        return {kind: content[::-1] if kind in {"SS", "NS", "BS"} else content}

    assert same(item, {name: turned(item[name]) for name in reversed(item)})


@given(items, items)
def test_two_items_are_the_same_only_where_their_canonical_forms_are(a: Any, b: Any) -> None:
    assert same(a, b) == (canonical(a) == canonical(b))
    if a == b:
        assert same(a, b)


@pytest.mark.parametrize("spelling", ["1", "1.0", "1E0", "0.1e1", "001.500E0"])
def test_numbers_are_equal_by_value(spelling: str) -> None:
    assert same({"n": {"N": spelling}}, {"n": {"N": "1.5" if "5" in spelling else "1"}})


def test_thirty_eight_digits_are_all_compared() -> None:
    assert not same({"n": {"N": "1" * 38}}, {"n": {"N": "1" * 37 + "2"}})


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
        ({"S": ""}, {"NULL": True}),
        ({"S": "1"}, {"N": "1"}),
        ({"B": b"a"}, {"S": "a"}),
        ({"SS": ["a"]}, {"L": [{"S": "a"}]}),
        ({"BOOL": True}, {"NULL": True}),
        ({"N": "0"}, {"BOOL": False}),
    ],
    ids=str,
)
def test_different_values_are_different(a: Any, b: Any) -> None:
    assert not same({"v": a}, {"v": b})


def test_an_absent_attribute_is_not_null_and_no_item_is_not_an_empty_one() -> None:
    assert not same({"v": {"NULL": True}}, {})
    assert not same(None, {})
    assert same(None, None)


def test_minus_zero_is_zero() -> None:
    assert key_id({"n": {"N": "-0"}}) == key_id({"n": {"N": "0.00"}})


@pytest.mark.parametrize(
    "key",
    [
        {"k": {"S": "a"}},
        {"k": {"S": ""}, "s": {"S": "b"}},
        {"k": {"S": "a"}, "s": {"N": "1.0"}},
        {"k": {"B": b"a"}, "s": {"S": "b"}},
    ],
    ids=str,
)
def test_a_key_of_any_type_is_identified_by_its_canonical_form(key: Any) -> None:
    assert key_id(key) == canonical(key) == key_id(MappingProxyType(key))


@pytest.mark.parametrize(
    "key", [{"k": {"S": 5}}, {"k": {"S": "a", "N": "1"}}, {"k": "a"}, [("k", {"S": "a"})]], ids=str
)
def test_what_is_no_key_identifies_nothing(key: Any) -> None:
    with pytest.raises(MalformedItem):
        key_id(key)


def test_binary_of_a_lambda_event_is_decoded_at_any_depth() -> None:
    image = {"k": {"B": "AAE="}, "d": {"M": {"l": {"L": [{"B": "/w=="}, {"BS": ["AA==", ""]}]}}}}
    assert from_lambda(image) == {
        "k": {"B": b"\x00\x01"},
        "d": {"M": {"l": {"L": [{"B": b"\xff"}, {"BS": [b"\x00", b""]}]}}},
    }


@pytest.mark.parametrize(
    "broken",
    [
        {"v": "text"},
        {"v": {}},
        {"v": {"S": "a", "N": "1"}},
        {"v": {"X": "a"}},
        {"v": {"S": 5}},
        {"v": {"N": 5}},
        {"v": {"N": "NaN"}},
        {"v": {"N": "Infinity"}},
        {"v": {"N": "five"}},
        {"v": {"N": "1_000"}},
        {"v": {"N": "12 "}},
        {"v": {"N": "\u0661\u0662"}},
        {"v": {"N": "\n12"}},
        {"v": {"B": "not base64"}},
        {"v": {"BOOL": "yes"}},
        {"v": {"L": {"S": "a"}}},
        {"v": {"SS": "ab"}},
        {"v": {"M": [1]}},
        {"v": {"M": {"inner": 5}}},
        [1],
        None,
    ],
    ids=str,
)
def test_what_is_no_typed_item_is_refused(broken: Any) -> None:
    with pytest.raises(MalformedItem):
        from_json(broken)


@pytest.mark.parametrize("value", [{"N": "secret"}, {"secret": "x"}, {"B": "secret"}], ids=str)
def test_a_refusal_never_holds_a_value(value: Any) -> None:
    with pytest.raises(MalformedItem) as refused:
        from_json({"v": value})
    assert "secret" not in str(refused.value)


def test_text_in_a_binary_is_refused_and_not_encoded_twice() -> None:
    with pytest.raises(MalformedItem):
        canonical({"b": {"B": "AAE="}})


def test_the_key_of_an_item_that_lacks_one_is_refused() -> None:
    with pytest.raises(MalformedItem):
        key_of({"a": {"S": "x"}}, ("a", "b"))


def test_only_what_replication_added_is_taken_off() -> None:
    item = {"a": {"S": "x"}, "aws:rep:deleting": {"BOOL": False}, "aws": {"S": "y"}}
    assert strip_replication(item) == {"a": {"S": "x"}, "aws": {"S": "y"}}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"k": {"S": "abc"}}, 4),
        ({"é": {"S": "é"}}, 4),
        ({"k": {"N": "27"}}, 3),
        ({"k": {"N": "-27"}}, 4),
        ({"k": {"N": "1" * 38}}, 21),
        ({"k": {"B": b"1234"}}, 5),
        ({"k": {"BOOL": True}}, 2),
        ({"k": {"NULL": True}}, 2),
        ({"k": {"L": []}}, 4),
        ({"k": {"L": [{"S": "a"}, {"BOOL": True}]}}, 8),
        ({"k": {"M": {"ab": {"S": "c"}}}}, 8),
        ({"k": {"SS": ["ab", "c"]}}, 4),
    ],
    ids=str,
)
def test_sizes_follow_the_published_rules(item: Any, expected: int) -> None:
    assert size(item) == expected
