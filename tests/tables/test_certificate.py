"""A certificate says what both sides held, and a change of it is seen."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from cutover.tables.certificate import Certified, NotACertificate, differences, make, opened, sealed
from cutover.tables.digest import long_digest
from cutover.tables.kinds import Kind
from cutover.tables.ports import Item
from cutover.tables.spill_join import Sums
from cutover.tables.table_facts import TableFacts
from cutover.tables.transform import Transform
from cutover.tables.verification import Verification
from cutover.tables.verify import verify
from cutover.tables.verify_report import Verified
from tests.fakes.keeping import FakeKeep
from tests.fakes.tables import item, key, number
from tests.fakes.verifying import Verifying


def sums_of(*items: Item) -> Sums:
    sums = Sums()
    for one in items:
        sums.add(long_digest(one))
    return sums


def sealed_run(verifying: Verifying, keep: FakeKeep | None = None) -> Verification:
    return verify(verifying.scanning(sealed=True), verifying.probing(), keep=keep)


ITEMS = [item(f"k{n}", f"v{n}") for n in range(30)]


def equal_tables() -> Verifying:
    verifying = Verifying()
    for one in ITEMS:
        verifying.both(one)
    return verifying


def statement(verifying: Verifying) -> dict[str, Any]:
    verified = Verified("a=b", "consistent", 1, 2, 10.0, 3, sealed_run(verifying))
    facts = [TableFacts(name, 0, 0, arn=f"arn:{name}", table_id=f"id-{name}") for name in ("a", "b")]
    return Certified(verified, facts[0], facts[1], "none", "0" * 64).statement()


def certificate() -> dict[str, Any]:
    verified = Verified("a=b", "consistent", 1, 2, 10.0, 3, sealed_run(equal_tables()))
    facts = TableFacts("a", 0, 0)
    return make([Certified(verified, facts, facts, "none", "0" * 64)], version="1", at=5)


def test_both_sides_of_equal_tables_have_the_sum_of_their_items() -> None:
    result = sealed_run(equal_tables())
    assert result.wanted == result.held == sums_of(*ITEMS)
    assert result.else_held == Sums()


def test_the_sum_does_not_depend_on_the_order() -> None:
    sums = {sums_of(*order).text for order in itertools.permutations(ITEMS[:4])}
    assert len(sums) == 1


def test_the_sum_is_that_of_the_items_as_dynamodb_tells_them_apart() -> None:
    one, same = {**key("a"), "n": number("1.0")}, {**key("a"), "n": number("1")}
    assert sums_of(one) == sums_of(same)
    assert sums_of(one) != sums_of({**key("a"), "n": {"S": "1"}})


@pytest.mark.parametrize(
    "change",
    [
        lambda world: world.target.put(item("k3", "other")),
        lambda world: world.target.delete(key("k3")),
        lambda world: world.source.put(item("new", "v")),
    ],
)
def test_one_item_more_less_or_other_is_another_sum(change: Callable[[Verifying], None]) -> None:
    verifying = equal_tables()
    change(verifying)
    result = sealed_run(verifying)
    assert result.wanted != result.held


def test_two_items_that_swap_their_contents_are_another_sum() -> None:
    """The key is a part of what is digested."""
    verifying = equal_tables()
    verifying.target.put(item("k1", "v2"))
    verifying.target.put(item("k2", "v1"))
    result = sealed_run(verifying)
    assert result.wanted != result.held


def test_native_items_are_summed_apart() -> None:
    verifying = equal_tables()
    native = item("the new application's own", "v")
    verifying.target.put(native)
    result = sealed_run(verifying)
    assert result.wanted == result.held
    assert result.else_held == sums_of(native)
    assert result.counts[Kind.NATIVE] == 1


def test_the_sum_is_of_what_the_transform_makes() -> None:
    def upper(one: Item) -> Item:
        return {**one, "v": {"S": one["v"]["S"].upper()}}

    verifying = Verifying(transform=Transform(upper))
    for one in ITEMS:
        verifying.source.put(one)
        verifying.target.put(upper(one))
    assert sealed_run(verifying).wanted == sums_of(*map(upper, ITEMS))


def test_the_sums_of_a_verify_that_was_killed_are_the_same() -> None:
    keep = FakeKeep()
    sealed_run(equal_tables(), keep)
    again = sealed_run(equal_tables(), keep)
    assert again.wanted == again.held == sums_of(*ITEMS)


def test_a_file_is_opened_as_it_was_sealed() -> None:
    made = certificate()
    assert opened(json.dumps(sealed(made), indent=2)) == (made, sealed(made)["sha256"])


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """To every leaf."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    below = [path for name, inner in members for path in paths(inner, (*at, name))]
    return below or [at]


@pytest.mark.parametrize("path", paths(certificate()), ids=str)
def test_a_change_anywhere_is_seen(path: tuple[Any, ...]) -> None:
    document = copy.deepcopy(sealed(certificate()))
    *parents, last = path
    inner = document["certificate"]
    for name in parents:
        inner = inner[name]
    inner[last] = "forged"
    with pytest.raises(NotACertificate):
        opened(json.dumps(document))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"certificate": {}, "sha256": ""}', '{"certificate": 3}'])
def test_another_text_is_no_certificate(text: str) -> None:
    with pytest.raises(NotACertificate):
        opened(text)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ('"made_at":', '"made_at": 7, "made_at":'),
        ('"compared":', '"compared": 1000000, "compared":'),
        ('"sha256":', '"signed_by": "the auditor", "sha256":'),
    ],
    ids=["another date first", "another count first", "a word beside it"],
)
def test_a_file_that_shows_its_reader_more_than_is_checked_is_no_certificate(here: str, there: str) -> None:
    text = json.dumps(sealed(certificate()))
    assert here in text
    with pytest.raises(NotACertificate):
        opened(text.replace(here, there, 1))


def test_one_of_two_sides_that_differ_is_no_certificate() -> None:
    """Even with the right hash: nobody makes one of such a pair."""
    made = copy.deepcopy(certificate())
    made["pairs"][0]["held"]["items"] += 1
    with pytest.raises(NotACertificate, match="differ"):
        opened(json.dumps(sealed(made)))


def test_the_same_tables_say_the_same_later() -> None:
    later = {**statement(equal_tables()), "started_at": 1000, "finished_at": 2000}
    assert differences(statement(equal_tables()), later) == []


def test_what_differs_later_is_named() -> None:
    verifying = equal_tables()
    verifying.target.put(item("k1", "written by the new application"))
    assert differences(statement(equal_tables()), statement(verifying)) == ["held"]


def test_a_certificate_says_what_it_does_not_prove() -> None:
    assert len(certificate()["does_not_prove"]) >= 4
