"""A verify of pairs whose target keys are others than their source keys."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.tables.kinds import Kind
from cutover.tables.ports import Item
from cutover.tables.spill_join import Side
from cutover.tables.suspects import SuspectFile
from cutover.tables.verification import Verification
from cutover.tables.verify_draw import SampleSize, draw
from cutover.tables.verify_sample import Sampling, verify_sample
from tests.fakes.tables import FakeTable, item, text
from tests.fakes.verifying import Verifying, open_file
from tests.tables.keyed import COLLIDING, FakeSubMap, re_keyed, sub, user

COME_OVER = 6
"""Users 0 to 5 came over, as 100 to 105; the others wait."""


def world() -> Verifying:
    sub_map = FakeSubMap({sub(n): sub(100 + n) for n in range(COME_OVER)})
    verifying = Verifying(transform=re_keyed(sub_map, "k", "owner"))
    for n in range(10):
        verifying.source.put(of_user(n))
    for n in range(COME_OVER):
        verifying.target.put(of_user(100 + n))
    return verifying


def of_user(n: int, **more: Any) -> Item:
    return {"k": user(n), "owner": user(n), **more}


def everything(verifying: Verifying) -> Verification:
    draws = {side: draw(SampleSize(percent=100), 0, side) for side in Side}
    return verify_sample(Sampling(verifying.source, verifying.target, draws), verifying.probing())


WAYS = pytest.mark.parametrize("way", [Verifying.run, everything], ids=["full", "sample"])


def found(result: Verification) -> dict[Kind, int]:
    return {kind: number for kind, number in result.counts.items() if number}


@WAYS
def test_items_under_their_new_keys_are_equal_and_those_of_others_wait(way: Any) -> None:
    result = way(world())
    assert found(result) == {Kind.UNMAPPED: 4}
    assert (result.differences, result.suspects) == (0, 0)


@WAYS
def test_what_differs_is_named_by_its_source_key(way: Any) -> None:
    verifying = world()
    verifying.target.put(of_user(101, v=text("other")))
    verifying.target.delete({"k": user(102)})
    result = way(verifying)
    assert found(result) == {Kind.UNMAPPED: 4, Kind.DIFFERENT: 1, Kind.MISSING: 1}
    assert result.keys[Kind.DIFFERENT] == [{"k": user(1)}]
    assert result.keys[Kind.MISSING] == [{"k": user(2)}]


@WAYS
def test_an_item_whose_source_is_gone_is_extra_under_its_target_key(way: Any) -> None:
    verifying = world()
    verifying.source.delete({"k": user(3)})
    result = way(verifying)
    assert found(result) == {Kind.UNMAPPED: 4, Kind.NATIVE: 1}
    assert result.keys[Kind.NATIVE] == [{"k": user(103)}]


@WAYS
def test_an_item_of_a_user_of_the_new_pool_alone_is_native(way: Any) -> None:
    verifying = world()
    verifying.target.put(of_user(999))
    assert found(way(verifying)) == {Kind.UNMAPPED: 4, Kind.NATIVE: 1}


def test_a_leftover_that_the_ledger_names_is_repaired_by_its_source_key() -> None:
    verifying = world()
    verifying.source.delete({"k": user(3)})
    repairable = SuspectFile(open_file)
    result = verifying.run(named=lambda: [{"k": user(3)}, {"k": user(9)}], repairable=repairable)
    assert found(result) == {Kind.UNMAPPED: 4, Kind.MIRRORED: 1}
    assert result.keys[Kind.MIRRORED] == [{"k": user(103)}]
    (batch,) = repairable.batches(10)
    assert [suspect.key for suspect in batch] == [{"k": user(3)}]


def test_a_user_who_comes_over_meanwhile_is_no_difference() -> None:
    verifying = world()
    sub_map = FakeSubMap({sub(n): sub(100 + n) for n in range(COME_OVER)})
    verifying.transform = re_keyed(sub_map, "k", "owner")

    def come_over(_: object) -> None:
        sub_map.pairs[sub(7)] = sub(107)
        verifying.target.put(of_user(107))

    verifying.target.before_get = come_over
    verifying.target.put(of_user(999))
    assert Kind.MISSING not in found(verifying.run())


def test_a_released_user_is_refused_and_not_guessed() -> None:
    verifying = world()
    verifying.transform = re_keyed(
        FakeSubMap({**{sub(n): sub(100 + n) for n in range(5)}, sub(5): ""}), "k", "owner"
    )
    result = verifying.run()
    assert result.keys[Kind.REFUSED] == [{"k": user(5)}]
    assert result.counts[Kind.NATIVE] == 1, "what was written for the former new user"


def test_mappings_are_read_page_by_page_and_not_item_by_item() -> None:
    sub_map = FakeSubMap({sub(n): sub(100 + n) for n in range(COME_OVER)})
    verifying = world()
    verifying.transform = re_keyed(sub_map, "k", "owner")
    verifying.source.page = verifying.target.page = 100
    verifying.run()
    assert len(sub_map.reads) <= 2 * 3, "two for each segment: whose user has not come may be a new sub"


class Letters:
    """Items whose target key is their first letter; the target keeps whose they are."""

    def __init__(self, *names: str) -> None:
        self.verifying = Verifying(
            target=FakeTable(name="target", key_names=("p",), page=3),
            transform=COLLIDING,
            inverse_proves=True,
        )
        for name in names:
            self.verifying.source.put(item(name, "v"))
            self.copy(name)

    def copy(self, name: str) -> None:
        made = COLLIDING.forward(item(name, "v"))
        assert made is not None
        self.verifying.target.put(made)

    def found(self) -> tuple[dict[Kind, int], Verification]:
        result = self.verifying.run()
        return found(result), result


def test_two_tables_of_other_key_attributes_are_equal() -> None:
    assert Letters("apple", "banana").found()[0] == {}


def test_of_two_source_items_that_want_one_place_the_one_that_has_none_is_different() -> None:
    letters = Letters("apple", "banana")
    letters.verifying.source.put(item("avocado", "v"))
    counts, result = letters.found()
    assert counts == {Kind.DIFFERENT: 1}
    assert result.keys[Kind.DIFFERENT] == [{"k": text("avocado")}]


def test_what_the_inverse_leads_back_to_a_source_key_was_the_mirrors() -> None:
    letters = Letters("apple", "banana")
    letters.copy("cherry")
    counts, result = letters.found()
    assert counts == {Kind.MIRRORED: 1}
    assert result.keys[Kind.MIRRORED] == [{"p": text("c")}]


def test_what_the_inverse_does_not_know_is_native() -> None:
    letters = Letters("apple", "banana")
    letters.verifying.target.put({"p": text("z"), "v": text("own")})
    assert letters.found()[0] == {Kind.NATIVE: 1}


def test_an_inverse_that_does_not_lead_back_to_the_item_proves_nothing() -> None:
    """It says that `q` holds what is of `apple`, and that belongs under `a`."""
    letters = Letters("apple", "banana")
    letters.verifying.target.put({"p": text("q"), "from": text("apple")})
    assert letters.found()[0] == {Kind.NATIVE: 1}


def test_mappings_of_suspects_are_read_batch_by_batch() -> None:
    sub_map = FakeSubMap({sub(n): sub(100 + n) for n in range(40)})
    verifying = Verifying(transform=re_keyed(sub_map, "owner"), probes=1)
    for n in range(40):
        verifying.source.put(of_user(n) | item(f"k{n}", "v"))
    verifying.source.page = 100
    sub_map.pairs.clear()
    for n in range(40):
        verifying.target.put(item(f"k{n}", "v"))
    verifying.run()
    assert len(sub_map.reads) <= 2 * (3 + 2), "two for each segment, and for each batch of suspects a few"
