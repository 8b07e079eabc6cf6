"""Subs in maps and lists: what a path reaches is what a walk over the whole item finds at its address."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.tables.ports import FaultReason, Item
from cutover.tables.sub_paths import Elsewhere, Path, parse_path, spelled, texts_at, with_texts
from cutover.tables.transform import Transform, TransformFault
from tests.tables.keyed import FakeSubMap, re_keyed, sub, user

ANN, ANN_NEW, BOB, BOB_NEW = sub(1), sub(0xA1), sub(2), sub(0xB2)
KEY: Item = {"k": {"S": "x"}}


@pytest.fixture
def people() -> FakeSubMap:
    return FakeSubMap({ANN: ANN_NEW, BOB: BOB_NEW})


def forward(people: FakeSubMap, path: str, value: Any) -> Any:
    """What becomes of the attribute `a`."""
    wanted = re_keyed(people, path).wanted(KEY, {**KEY, "a": value})
    assert wanted is not None
    return wanted["a"]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("owner", ("owner",)),
        ("owner.sub", ("owner", "sub")),
        ("members[]", ("members", None)),
        ("members[].sub", ("members", None, "sub")),
        ("a[][].b.c[]", ("a", None, None, "b", "c", None)),
        ("a\\.b", ("a.b",)),
        ("a\\[\\].b\\\\", ("a[]", "b\\")),
        ("a b\n", ("a b\n",)),
    ],
)
def test_a_path_is_read_and_spelled(text: str, path: Path) -> None:
    assert parse_path(text) == path
    assert spelled(path) == text


@pytest.mark.parametrize(
    "text", ["", ".", "a.", ".a", "a..b", "[]", "[].a", "a[", "a]", "a[0]", "a[]b", "a\\", "a\\b"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        parse_path(text)


names = st.text(st.sampled_from("ab.[]\\ \n"), min_size=1, max_size=4)


@given(st.tuples(names, st.lists(st.one_of(st.none(), names), max_size=4)))
def test_every_path_survives_its_spelling(steps: tuple[str, list[str | None]]) -> None:
    path = (steps[0], *steps[1])
    assert parse_path(spelled(path)) == path


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.sub", {"M": {"sub": user(1), "n": {"N": "1"}}}, {"M": {"sub": {"S": ANN_NEW}, "n": {"N": "1"}}}),
        ("a[]", {"L": [user(1), user(2)]}, {"L": [{"S": ANN_NEW}, {"S": BOB_NEW}]}),
        ("a[]", {"SS": [ANN, "guest"]}, {"SS": [ANN_NEW, "guest"]}),
        ("a[]", {"L": [{"SS": [ANN]}, {"NULL": True}]}, {"L": [{"SS": [ANN_NEW]}, {"NULL": True}]}),
        ("a[].b", {"L": [{"M": {"b": user(1)}}, {"M": {}}]},
         {"L": [{"M": {"b": {"S": ANN_NEW}}}, {"M": {}}]}),
        ("a.b", {"M": {"b": {"SS": [BOB]}}}, {"M": {"b": {"SS": [BOB_NEW]}}}),
        ("a.b[].by[]", {"M": {"b": {"L": [{"M": {"by": {"L": [user(1)]}}}]}}},
         {"M": {"b": {"L": [{"M": {"by": {"L": [{"S": ANN_NEW}]}}}]}}}),
        ("a.b", {"NULL": True}, {"NULL": True}),
        ("a[]", {"L": []}, {"L": []}),
    ],
    ids=str,
)  # fmt: skip
def test_a_sub_in_maps_and_lists_becomes_the_new_one(
    people: FakeSubMap, path: str, before: Any, after: Any
) -> None:
    given = deepcopy(before)
    assert forward(people, path, given) == after
    assert given == before, "the source's item is nobody's to change"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("a.sub", user(1), "a is of type S, and a.sub goes into a map"),
        ("a.sub", {"SS": [ANN]}, "a is of type SS, and a.sub goes into a map"),
        ("a[]", user(1), "a is of type S, and \\[\\] stands for the members of a list"),
        ("a[]", {"M": {"x": user(1)}}, "a is of type M, and \\[\\] stands"),
        ("a[].sub", {"SS": [ANN]}, "a is of type SS, and \\[\\] stands"),
        ("a[].sub", {"L": [user(1)]}, "a\\[\\] is of type S, and a\\[\\].sub goes into a map"),
        ("a[]", {"L": [{"N": "1"}]}, "a\\[\\] is of type N, and a sub stands in a text"),
        ("a.b", {"M": {"b": {"L": [user(1)]}}}, "a.b is of type L, and a sub stands in a text"),
    ],
    ids=str,
)
def test_another_type_on_the_way_sets_the_item_aside(
    people: FakeSubMap, path: str, value: Any, said: str
) -> None:
    with pytest.raises(TransformFault, match=f"subs: {said}") as fault:
        forward(people, path, value)
    assert fault.value.reason is FaultReason.TRANSFORM


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.sub", {"M": {"sub": user(9)}}),
        ("a[]", {"L": [user(1), user(9)]}),
        ("a[]", {"SS": [ANN, sub(9)]}),
        ("a[].sub", {"L": [{"M": {"sub": user(1)}}, {"M": {"sub": user(9)}}]}),
    ],
    ids=str,
)
def test_a_user_in_it_who_has_not_come_over_is_waited_for(people: FakeSubMap, path: str, value: Any) -> None:
    with pytest.raises(TransformFault) as fault:
        forward(people, path, value)
    assert (fault.value.reason, fault.value.waits_for) == (FaultReason.UNMAPPED, sub(9))


def test_the_text_around_a_sub_counts_in_maps_too(people: FakeSubMap) -> None:
    transform = re_keyed(people, "a[].by", shape="USER#{sub}")
    value = {"L": [{"M": {"by": {"S": f"USER#{ANN}"}}}, {"M": {"by": {"S": ANN}}}]}
    wanted = transform.wanted(KEY, {**KEY, "a": value})
    assert wanted is not None
    assert [one["M"]["by"]["S"] for one in wanted["a"]["L"]] == [f"USER#{ANN_NEW}", ANN]


def test_all_subs_of_a_page_of_items_are_read_in_one_go(people: FakeSubMap) -> None:
    transform = re_keyed(people, "a[].sub", "b.c")
    listed: Item = {**KEY, "a": {"L": [{"M": {"sub": user(1)}}]}}
    transform.learn([listed, {**KEY, "b": {"M": {"c": user(2)}}}, {**KEY, "a": user(3)}])
    assert people.reads == [{ANN, BOB}]


def test_subs_within_attributes_change_no_key_and_lead_back(people: FakeSubMap) -> None:
    transform: Transform = re_keyed(people, "a[].sub")
    item: Item = {**KEY, "a": {"L": [{"M": {"sub": user(1)}}]}}
    assert not transform.changes_keys
    after = transform.wanted(KEY, item)
    assert after is not None
    assert transform.subs is not None
    assert transform.subs.backward(after) == item


steps = st.one_of(st.none(), st.sampled_from("abc"))
paths = st.tuples(st.sampled_from("abc"), st.lists(steps, max_size=3)).map(lambda one: (one[0], *one[1]))
texts = st.sampled_from([ANN, BOB, "guest"])
values = st.recursive(
    st.one_of(
        texts.map(lambda text: {"S": text}),
        st.lists(texts, min_size=1, unique=True).map(lambda members: {"SS": members}),
        st.just({"NULL": True}),
        st.just({"N": "1"}),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda members: {"L": members}),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(lambda members: {"M": members}),
    ),
    max_leaves=12,
)
items = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


class _Misfit(Exception):
    pass


def reference(value: Any, address: Path, path: Path, one: Callable[[str], str]) -> Any:
    """Visits every value of the item; its address alone says whether the path means it."""
    on_the_way = path[: len(address)] == address
    at_the_end, to_a_member = address == path, (*address, None) == path
    if "M" in value:
        if on_the_way and address and (at_the_end or path[len(address)] is None):
            raise _Misfit
        return {"M": {k: reference(v, (*address, k), path, one) for k, v in value["M"].items()}}
    if "L" in value:
        if on_the_way and (at_the_end or path[len(address)] is not None):
            raise _Misfit
        return {"L": [reference(member, (*address, None), path, one) for member in value["L"]]}
    if "SS" in value and (at_the_end or to_a_member):
        return {"SS": [one(text) for text in value["SS"]]}
    if "S" in value and at_the_end:
        return {"S": one(value["S"])}
    if on_the_way and "NULL" not in value:
        raise _Misfit
    return value


@given(items, paths)
def test_a_path_does_what_a_walk_over_the_whole_item_does(item: Item, path: Path) -> None:
    seen: list[str] = []

    def one(text: str) -> str:
        seen.append(text)
        return text + "!"

    try:
        expected = reference({"M": item}, (), path, one)
    except _Misfit:
        with pytest.raises(Elsewhere):
            with_texts({"M": item}, path, str)
        return
    assert with_texts({"M": item}, path, lambda text: text + "!") == expected
    assert list(texts_at({"M": item}, path)) == seen


@given(items, paths)
def test_there_and_back_again_is_the_item(item: Item, path: Path) -> None:
    transform = re_keyed(FakeSubMap({ANN: ANN_NEW, BOB: BOB_NEW}), spelled(path))
    assert transform.subs is not None
    try:
        there = transform.subs.forward(item)
    except TransformFault:
        return
    assert transform.subs.backward(there) == item
