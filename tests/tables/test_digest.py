"""Two items have one digest exactly where they are the same item."""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutover.tables.digest import canonical_bytes, digest, long_digest
from cutover.tables.items import same

_NUMBERS = st.one_of(
    st.integers(-20, 20).map(str),
    st.sampled_from(["0", "-0", "0.0", "1", "1.0", "1E0", "10", "1E1", "-1", "0.10", "1E-1", "100", "1E+2"]),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-99, max_value=99).map(str),
)
_TEXTS = st.text("ab", max_size=2)
_BYTES = st.binary(max_size=2)
_LEAVES = st.one_of(
    _TEXTS.map(lambda v: {"S": v}),
    _NUMBERS.map(lambda v: {"N": v}),
    _BYTES.map(lambda v: {"B": v}),
    st.booleans().map(lambda v: {"BOOL": v}),
    st.just({"NULL": True}),
    st.lists(_TEXTS, min_size=1, max_size=3, unique=True).map(lambda v: {"SS": v}),
    st.lists(_NUMBERS, min_size=1, max_size=3, unique_by=Decimal).map(lambda v: {"NS": v}),
    st.lists(_BYTES, min_size=1, max_size=3, unique=True).map(lambda v: {"BS": v}),
)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda v: {"L": v}),
        st.dictionaries(_TEXTS, inner, max_size=2).map(lambda v: {"M": v}),
    ),
    max_leaves=4,
)
_ITEMS = st.dictionaries(_TEXTS, _VALUES, max_size=2)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(_ITEMS, _ITEMS)
def test_digests_are_equal_exactly_where_items_are(one: Any, other: Any) -> None:
    assert (digest(one) == digest(other)) == same(one, other)


@settings(max_examples=200)
@given(_NUMBERS, _NUMBERS)
def test_numbers_are_equal_by_value(one: str, other: str) -> None:
    assert (digest({"n": {"N": one}}) == digest({"n": {"N": other}})) == (Decimal(one) == Decimal(other))


def test_all_38_digits_of_a_number_count() -> None:
    first, second = (
        "1234567890123456789012345678901234567" + "1",
        "1234567890123456789012345678901234567" + "2",
    )
    assert digest({"n": {"N": first}}) != digest({"n": {"N": second}})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": {"S": "1"}}, {"a": {"N": "1"}}),
        ({"a": {"S": ""}}, {}),
        ({"a": {"NULL": True}}, {}),
        ({"a": {"L": []}}, {"a": {"M": {}}}),
        ({"a": {"S": "bS1:c"}}, {"a": {"S": "b"}, "c": {"S": ""}}),
        ({"a": {"S": "x"}}, {"a": {"B": b"x"}}),
    ],
)
def test_what_looks_alike_is_told_apart(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


def test_the_order_of_a_list_counts() -> None:
    one, other = {"S": "1"}, {"S": "2"}
    assert digest({"a": {"L": [one, other]}}) != digest({"a": {"L": [other, one]}})


def test_the_documented_example_is_true() -> None:
    page = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
    example = {"k": {"S": "a"}, "n": {"N": "1.50"}}
    text = canonical_bytes(example).decode()
    assert f"`{json.dumps(example)}` is `{text}`" in page
    assert f"`{sha256(text.encode()).hexdigest()}`" in page
    assert long_digest(example) == sha256(text.encode()).digest()


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"a": {"M": {}}}, "M1:1:aM0:"),
        ({"a": {"L": [{"S": "x"}, {"NULL": True}]}}, "M1:1:aL2:S1:xNULL1"),
        ({"a": {"NS": ["2", "1.0", "1"]}}, "M1:1:aNS2:N3:1E0N3:2E0"),
        ({"a": {"B": b"\x00\xff"}}, "M1:1:aB4:00ff"),
        ({"a": {"BOOL": False}}, "M1:1:aBOOL0"),
        ({"a": {"N": "-0.0"}}, "M1:1:aN3:0E0"),
        ({"a": {"N": "-1200"}}, "M1:1:aN5:-12E2"),
        ({"\u00e9": {"S": "\u00e9"}}, "M1:1:\u00e9S1:\u00e9"),
    ],
)
def test_the_canonical_text_is_the_documented_one(item: Any, text: str) -> None:
    """It must not change: certificates rest on it."""
    assert canonical_bytes(item) == text.encode()
