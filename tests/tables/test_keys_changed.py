"""Where a transform puts a key, and whose an item of the target is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutover.tables.ports import FaultReason, Item, Key
from cutover.tables.renames import Renames
from cutover.tables.subs import Subs
from cutover.tables.transform import Transform, TransformFault
from tests.fakes.tables import item, key
from tests.tables.keyed import COLLIDING, FakeSubMap, first_letter, lettered, renamed, sub, who

UNHURRIED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How fast a crowded machine draws says nothing about a rename."""
NAMES = st.sampled_from([*"abcdefgh"])
VALUES = st.one_of(
    st.builds(lambda text: {"S": text}, st.text(max_size=3)),
    st.builds(lambda number: {"N": str(number)}, st.integers()),
    st.builds(lambda raw: {"B": raw}, st.binary(max_size=3)),
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=8)
RENAMES = st.permutations([*"abcd"]).map(
    lambda new: {old: name for old, name in zip("abcd", new, strict=True) if old != name}
)


@UNHURRIED
@given(ITEMS, RENAMES)
def test_a_rename_undone_is_the_item_again(one: Item, names: dict[str, str]) -> None:
    renames = Renames(names)
    assert renames.backward(renames.forward(one)) == one


@UNHURRIED
@given(ITEMS, st.dictionaries(NAMES, st.sampled_from([*"pqrs"]), max_size=4))
def test_a_rename_to_names_of_its_own_loses_nothing(one: Item, names: dict[str, str]) -> None:
    if len(set(names.values())) < len(names):
        return
    renames = Renames(names)
    assert sorted(map(repr, renames.forward(one).values())) == sorted(map(repr, one.values()))
    assert renames.backward(renames.forward(one)) == one


TEXTS = st.one_of(st.integers(0, 3).map(sub), st.text(max_size=4))
KEYS = st.builds(lambda k, n: {"k": {"S": k}, "n": {"N": str(n)}}, TEXTS, st.integers(-9, 9))


@UNHURRIED
@given(KEYS, ITEMS)
def test_from_each_target_item_its_inverse_leads_back_to_its_source_key(source_key: Key, more: Item) -> None:
    """Through a sub, a function and a rename, whatever else is in the item."""

    def function(one: Item) -> Item:
        return {**one, "n": {"S": "#" + one["n"]["N"]}}

    def inverse(one: Item) -> Item:
        return {**one, "n": {"N": one["n"]["S"][1:]}}

    transform = Transform(
        function,
        inverse,
        renames=Renames({"k": "who", "n": "at"}, frozenset("a")),
        subs=Subs([("k", "{sub}")], FakeSubMap({sub(n): sub(0x100 + n) for n in range(4)})),
        source_keys=("k", "n"),
        target_keys=("who", "at"),
    )
    wanted = transform.wanted(source_key, {**more, **source_key})
    assert wanted is not None
    assert {name: wanted[name] for name in ("who", "at")} == transform.target_key(source_key)
    assert (
        transform.source_key(wanted) == transform.source_key(transform.target_key(source_key)) == source_key
    )
    assert transform.owns(source_key, wanted)


def test_a_new_name_that_is_taken_is_a_fault_and_overwrites_nothing() -> None:
    with pytest.raises(TransformFault, match="an attribute b already") as fault:
        Renames({"a": "b"}).forward({"a": {"S": "x"}, "b": {"S": "secret"}})
    assert "secret" not in str(fault.value)
    assert Renames({"a": "b"}).forward({"b": {"S": "y"}}) == {"b": {"S": "y"}}


def test_the_holder_of_a_name_can_be_dropped_for_it() -> None:
    dropped = Renames({"a": "b"}, frozenset("b"))
    assert dropped.forward({"a": {"S": "x"}, "b": {"S": "y"}}) == {"b": {"S": "x"}}


def test_the_function_sees_the_source_s_names_and_gives_the_names_that_are_renamed() -> None:
    seen: list[Item] = []

    def function(one: Item) -> Item:
        seen.append(one)
        return {**one, "made": {"S": "m"}}

    transform = renamed({"v": "w", "made": "kept"}, "x", function=function)
    wanted = transform.wanted(key("a"), {**item("a", "1"), "x": {"S": "gone"}})
    assert wanted == {**key("a"), "w": {"S": "1"}, "kept": {"S": "m"}}
    assert seen[0].keys() == {"k", "v", "x"}


def test_a_key_attribute_is_renamed_and_found_again_without_an_inverse() -> None:
    transform = renamed({"k": "id"}, target_keys=("id",))
    assert transform.changes_keys
    assert not transform.may_collide
    assert transform.target_key(key("a")) == {"id": {"S": "a"}}
    assert transform.wanted(key("a"), item("a", "1")) == {"id": {"S": "a"}, "v": {"S": "1"}}
    assert transform.source_key({"id": {"S": "a"}, "more": {"S": "x"}}) == key("a")
    assert transform.source_key({"id": {"S": "a"}}) == key("a")


def test_a_rename_that_touches_no_key_leaves_keys_alone() -> None:
    transform = renamed({"v": "w"})
    assert not transform.changes_keys
    assert transform.target_key(key("a")) == key("a")
    assert transform.source_key({**key("a"), "w": {"S": "1"}}) == key("a")


def test_a_function_with_an_inverse_is_called_with_the_bare_key() -> None:
    def upper(one: Item) -> Item:
        return {**one, "k": {"S": one["k"]["S"].upper()}}

    def lower(one: Item) -> Item:
        return {**one, "k": {"S": one["k"]["S"].lower()}}

    transform = Transform(upper, lower, source_keys=("k",), target_keys=("k",))
    assert transform.target_key(key("a")) == key("A")
    assert transform.wanted(key("a"), item("a", "1")) == item("A", "1")
    assert transform.source_key(item("A", "1")) == key("a")


def test_a_key_that_depends_on_more_than_the_key_is_a_fault() -> None:
    def by_value(one: Item) -> Item:
        return {**one, "k": one.get("v", one["k"])}

    transform = Transform(by_value, lambda one: one, source_keys=("k",), target_keys=("k",))
    with pytest.raises(TransformFault, match="in another way than its bare key"):
        transform.wanted(key("a"), item("a", "b"))


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (lambda one: {**one, "k": one["v"]}, "called with the bare key, it raised KeyError"),
        (lambda one: one if "v" in one else None, "gave nothing"),
        (lambda _: {"other": {"S": "x"}}, "lacks a key attribute"),
        (lambda _: 5, "no typed item"),
    ],
    ids=["raises", "none", "no key", "no item"],
)
def test_a_function_that_gives_a_bare_key_no_place_is_a_fault(function: Any, why: str) -> None:
    transform = Transform(function, lambda one: one, source_keys=("k",), target_keys=("k",))
    with pytest.raises(TransformFault, match=why) as fault:
        transform.target_key(key("a"))
    assert fault.value.reason is FaultReason.TRANSFORM


def test_a_key_function_alone_puts_the_item_under_its_key() -> None:
    def place(source_key: Key) -> Item:
        return {"p": {"S": "#" + source_key["k"]["S"]}}

    def back(target: Item) -> Item:
        return {"k": {"S": target["p"]["S"][1:]}}

    names: dict[str, Any] = {"source_keys": ("k",), "target_keys": ("p",)}
    kept = Transform(key=place, inverse=back, **names)
    assert kept.wanted(key("a"), item("a", "1")) == {**item("a", "1"), "p": {"S": "#a"}}
    dropped = Transform(key=place, inverse=back, renames=Renames(drop=frozenset("k")), **names)
    assert dropped.wanted(key("a"), item("a", "1")) == {"p": {"S": "#a"}, "v": {"S": "1"}}
    assert dropped.source_key({"p": {"S": "#a"}}) == key("a")


def test_a_key_function_s_result_counts_over_what_a_bare_key_would_give() -> None:
    transform = Transform(lettered, who, first_letter, source_keys=("k",), target_keys=("p",))
    assert transform.target_key(key("apple")) == {"p": {"S": "a"}}
    assert transform.wanted(key("apple"), item("apple", "1")) == {
        "p": {"S": "a"},
        "v": {"S": "1"},
        "from": {"S": "apple"},
    }


def test_whose_an_item_is_says_the_inverse_and_nobody_else() -> None:
    theirs = {"p": {"S": "a"}, "from": {"S": "apple"}}
    assert COLLIDING.owns(key("apple"), theirs)
    assert not COLLIDING.owns(key("avocado"), theirs)
    assert COLLIDING.source_key({"p": {"S": "a"}}) is None


@pytest.mark.parametrize("answer", [None, {}, {"k": "untyped"}, 5], ids=str)
def test_an_inverse_that_says_nothing_usable_owns_nothing(answer: Any) -> None:
    transform = Transform(lettered, lambda _: answer, first_letter, source_keys=("k",), target_keys=("p",))
    assert transform.source_key({"p": {"S": "a"}}) is None
    assert not transform.owns(key("apple"), {"p": {"S": "a"}})


def test_an_inverse_that_raises_owns_nothing() -> None:
    transform = Transform(lettered, lambda one: one["gone"], first_letter, source_keys=("k",))  # type: ignore[arg-type, return-value]
    assert transform.source_key({"p": {"S": "a"}}) is None


def test_a_key_function_overwrites_no_attribute_of_the_item() -> None:
    transform = Transform(
        key=lambda one: {"p": one["k"]},
        inverse=lambda one: {"k": one["p"]},
        source_keys=("k",),
        target_keys=("p",),
    )
    with pytest.raises(TransformFault, match="makes p, and the item has it already") as fault:
        transform.wanted(key("a"), {**key("a"), "p": {"S": "secret"}})
    assert "secret" not in str(fault.value)
