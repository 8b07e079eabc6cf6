"""Loading a user's transform, and what of its work is refused."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from cutover.errors import UsageError
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.ports import FaultReason
from cutover.tables.transform import IDENTITY, Transform, TransformFault, load
from tests.fakes.tables import item, key


def pair(transform: str | None, inverse: str | None = None) -> TablePair:
    return TablePair(TableRef("old"), TableRef("new"), transform, inverse)


def test_no_transform_is_the_identity() -> None:
    assert load(pair(None), ("k",), ("k",)) is IDENTITY
    assert IDENTITY.wanted(key("a"), item("a", "1")) == item("a", "1")


def test_a_named_function_is_imported() -> None:
    loaded = load(pair("tests.handlers.transforms:refuse_paid"))
    with pytest.raises(TransformFault):
        loaded.forward({**key("a"), "status": {"S": "paid"}})


def test_a_function_that_would_end_the_program_sets_its_item_aside() -> None:
    """Nobody would know of which item, and in Lambda it would hold the shard."""

    def leave(_: object) -> None:
        sys.exit("no such status")

    with pytest.raises(TransformFault, match="raised SystemExit"):
        Transform(leave).forward(item("a", "1"))


def test_a_module_that_fails_when_it_is_imported_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as refused:
        load(pair("tests.handlers.broken_transforms:anything"))
    assert refused.value.cause.startswith("KeyError")


@pytest.mark.parametrize(
    "name",
    ["", "nowhere", "nowhere:f", "tests.handlers.transforms:gone", "tests.handlers.transforms:__doc__", ":f"],
)
def test_a_name_that_leads_to_no_function_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        load(pair(name))


@pytest.mark.parametrize(
    "result", [5, "text", [], {"k": "untyped"}, {"k": {"N": "x"}}, {"k": {"B": "text"}}], ids=str
)
def test_what_is_no_typed_item_is_a_fault(result: Any) -> None:
    with pytest.raises(TransformFault, match="no typed item"):
        Transform(lambda _: result).forward(item("a", "1"))


def test_what_is_nested_without_an_end_is_a_fault() -> None:
    endless: dict[str, Any] = {"M": {}}
    endless["M"]["again"] = endless
    with pytest.raises(TransformFault, match="no typed item"):
        Transform(lambda one: {**one, "v": endless}).forward(item("a", "1"))


@pytest.mark.parametrize(
    "extra",
    [{"v": {"S": "\ud800"}}, {"v": {"L": [{"SS": ["\ud800"]}]}}, {"\ud800": {"S": "x"}}, {5: {"S": "x"}}],
    ids=["text", "member", "name", "number as a name"],
)
def test_what_has_no_spelling_in_utf_8_is_a_fault_and_not_sent_as_something_else(extra: Any) -> None:
    with pytest.raises(TransformFault, match="no typed item"):
        Transform(lambda one: {**one, **extra}).forward(item("a", "1"))


@pytest.mark.parametrize("result", [{"v": {"S": "x"}}, {"k": {"S": "b"}}, {"k": {"N": "1"}}], ids=str)
def test_a_key_that_is_changed_or_lost_is_a_fault(result: Any) -> None:
    with pytest.raises(TransformFault) as fault:
        Transform(lambda _: result).wanted(key("a"), item("a", "1"))
    assert fault.value.reason is FaultReason.TRANSFORM


def test_a_key_in_another_spelling_of_its_number_is_the_same_key() -> None:
    renumbered = Transform(lambda _: {"k": {"N": "1.0"}})
    assert renumbered.wanted({"k": {"N": "1"}}, {"k": {"N": "1"}}) == {"k": {"N": "1.0"}}


def test_without_an_item_the_function_is_not_asked() -> None:
    def never(_: Any) -> Any:
        raise AssertionError("asked")

    assert Transform(never).wanted(key("a"), None) is None
