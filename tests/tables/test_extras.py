"""An extra item is the mirror's only where that is proven, and native items are never repaired."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from cutover.tables.kinds import Kind
from cutover.tables.ports import Item, Key
from cutover.tables.suspects import SuspectFile
from cutover.tables.transform import Transform
from tests.fakes.tables import item, key
from tests.fakes.verifying import Verifying, open_file


def extra(name: str = "extra") -> Verifying:
    verifying = Verifying()
    for n in range(5):
        verifying.both(item(f"k{n}", "v"))
    verifying.target.put(item(name, "v"))
    return verifying


def repaired(verifying: Verifying, named: Iterable[Key] = ()) -> tuple[dict[Kind, int], list[str]]:
    """The counts, and the names of the source keys that a repair would converge."""
    repairable = SuspectFile(open_file)
    result = verifying.run(repairable=repairable, named=lambda: named)
    names = [suspect.key["k"]["S"] for batch in repairable.batches(100) for suspect in batch]
    return {kind: number for kind, number in result.counts.items() if number}, names


def inverse(one: Item) -> Item | None:
    """The new application's own items begin with `own`."""
    return None if one["k"]["S"].startswith("own") else one


INVERTED = Transform(lambda one: one, inverse, source_keys=("k",), target_keys=("k",))


def test_without_an_inverse_an_extra_item_is_native() -> None:
    """The same key on both sides proves nothing: the new application may have written it."""
    assert repaired(extra()) == ({Kind.NATIVE: 1}, [])


def test_an_inverse_that_leads_to_a_source_key_proves_it() -> None:
    verifying = extra()
    verifying.transform, verifying.inverse_proves = (
        Transform(lambda one: one, inverse, source_keys=("k",), target_keys=("k",)),
        True,
    )
    assert repaired(verifying) == ({Kind.MIRRORED: 1}, ["extra"])


def test_an_inverse_that_says_own_makes_it_native() -> None:
    verifying = extra("own item")
    verifying.transform, verifying.inverse_proves = (
        Transform(lambda one: one, inverse, source_keys=("k",), target_keys=("k",)),
        True,
    )
    assert repaired(verifying) == ({Kind.NATIVE: 1}, [])


def test_a_key_that_the_ledger_names_was_the_sources() -> None:
    assert repaired(extra(), [key("other"), key("extra")]) == ({Kind.MIRRORED: 1}, ["extra"])


def test_the_ledger_names_no_item_that_it_does_not_name() -> None:
    assert repaired(extra(), [key("other"), key("k1")]) == ({Kind.NATIVE: 1}, [])


def test_native_items_are_differences_until_they_are_accepted() -> None:
    result = extra().run()
    assert (result.differences, result.wrong, result.repairable) == (1, 0, 0)
    result.accept_native = True
    assert result.differences == 0


def test_mirrored_items_are_differences_all_the_same() -> None:
    result = extra().run(named=lambda: [key("extra")])
    result.accept_native = True
    assert (result.differences, result.wrong, result.repairable) == (1, 1, 1)


def test_an_item_that_an_expired_one_left_behind_is_neither() -> None:
    verifying = extra()
    verifying.ttl_attribute = "until"
    verifying.target.put({**item("extra", "v"), "until": {"N": str(int(verifying.now) - 5)}})
    assert repaired(verifying) == ({}, [])


@pytest.mark.parametrize("named", [[], [key("hot")]])
def test_an_extra_item_that_keeps_changing_in_the_source_is_in_flight(named: list[Key]) -> None:
    verifying = extra("hot")
    verifying.between = lambda look: verifying.source.put(item("hot", str(look)))
    assert repaired(verifying, named)[0] == {Kind.IN_FLIGHT: 1}
