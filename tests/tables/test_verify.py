"""A verify finds each way in which two tables differ, and nothing that is only on its way."""

from __future__ import annotations

import pytest

from cutover.tables.kinds import Kind
from cutover.tables.ports import Item, TableFault
from cutover.tables.recheck import FIVE_MORE
from cutover.tables.suspects import SuspectFile
from cutover.tables.transform import Transform
from cutover.tables.ttl import FIVE_YEARS
from tests.fakes.tables import item, key, number
from tests.fakes.verifying import Verifying, open_file


def equal_tables(count: int = 10) -> Verifying:
    verifying = Verifying()
    for n in range(count):
        verifying.both(item(f"k{n}", "v"))
    return verifying


def test_equal_tables_have_no_difference() -> None:
    result = equal_tables().run()
    assert (result.differences, result.compared, result.suspects) == (0, 10, 0)


def test_an_item_that_the_target_lacks_is_missing() -> None:
    verifying = equal_tables()
    verifying.source.put(item("new", "v"))
    result = verifying.run()
    assert result.keys[Kind.MISSING] == [key("new")]
    assert result.differences == 1


def test_an_item_with_another_value_is_different() -> None:
    verifying = equal_tables()
    verifying.target.put(item("k3", "other"))
    result = verifying.run()
    assert result.keys[Kind.DIFFERENT] == [key("k3")]
    assert result.differences == 1


def test_an_item_that_the_source_lacks_is_extra() -> None:
    verifying = equal_tables()
    verifying.source.delete(key("k3"))
    result = verifying.run()
    assert result.keys[Kind.NATIVE] == [key("k3")]
    assert result.differences == 1


def test_every_key_of_either_side_is_compared() -> None:
    verifying = equal_tables()
    verifying.source.put(item("only in the source", "v"))
    verifying.target.put(item("only in the target", "v"))
    assert verifying.run().compared == 12


def test_two_empty_tables_prove_nothing() -> None:
    assert Verifying().run().nothing_compared


def test_numbers_and_sets_are_equal_by_value() -> None:
    verifying = Verifying()
    verifying.source.put({**key("a"), "n": number("1.0"), "s": {"SS": ["x", "y"]}})
    verifying.target.put({**key("a"), "n": number("1"), "s": {"SS": ["y", "x"]}})
    assert verifying.run().suspects == 0


def test_the_targets_items_are_compared_with_the_transformed_ones() -> None:
    verifying = equal_tables()
    verifying.transform = Transform(lambda one: {**one, "v": {"S": "changed"}})
    assert verifying.run().counts[Kind.DIFFERENT] == 10


def test_an_item_that_the_transform_leaves_out_is_not_missing() -> None:
    verifying = Verifying(transform=Transform(lambda _: None))
    verifying.source.put(item("a", "v"))
    assert verifying.run().differences == 0


def test_an_item_that_the_transform_leaves_out_is_extra_in_the_target() -> None:
    verifying = Verifying(transform=Transform(lambda _: None))
    verifying.both(item("a", "v"))
    assert verifying.run().counts[Kind.NATIVE] == 1


@pytest.mark.parametrize("held", [True, False], ids=["held by the target", "not held by the target"])
def test_an_item_that_the_transform_fails_on_is_reported_once(held: bool) -> None:
    def refuse(_: Item) -> Item:
        raise ValueError("no")

    verifying = Verifying(transform=Transform(refuse))
    verifying.source.put(item("a", "v"))
    if held:
        verifying.target.put(item("a", "v"))
    result = verifying.run()
    assert (result.counts[Kind.REFUSED], result.differences) == (1, 1)


def test_what_the_mirror_brings_before_the_last_look_is_no_difference() -> None:
    verifying = equal_tables()
    verifying.source.put(item("new", "v"))
    verifying.between = lambda look: verifying.target.put(item("new", "v")) if look == 2 else None
    assert verifying.run().differences == 0


def test_an_item_that_changes_at_every_look_is_in_flight() -> None:
    verifying = equal_tables()
    verifying.source.put(item("hot", "0"))
    verifying.between = lambda look: verifying.source.put(item("hot", str(look)))
    result = verifying.run()
    assert result.counts[Kind.IN_FLIGHT] == 1
    assert result.differences == 0


def test_an_item_that_stops_changing_is_judged_by_the_looks_since() -> None:
    verifying = equal_tables()
    verifying.source.put(item("hot", "0"))
    verifying.between = lambda look: verifying.source.put(item("hot", str(min(look, 2))))
    result = verifying.run()
    assert result.counts[Kind.MISSING] == 1
    assert len(verifying.pauses) == 4


def test_an_item_that_changes_between_the_two_reads_of_a_look_is_not_judged_by_it() -> None:
    verifying = Verifying(probes=1)
    verifying.source.put(item("a", "old"))
    reads = iter(range(100))

    def change_before_the_second_read(_: object) -> None:
        if next(reads) == 1:
            verifying.both(item("a", "new"))

    verifying.source.before_get = change_before_the_second_read
    assert verifying.run().differences == 0


def test_a_difference_needs_as_many_looks_as_asked_for() -> None:
    verifying = Verifying(probes=4)
    verifying.source.put(item("a", "v"))
    verifying.run()
    assert verifying.pauses == [10.0] * 3


def test_the_looks_come_to_an_end() -> None:
    verifying = Verifying()
    verifying.source.put(item("hot", "0"))
    verifying.between = lambda look: verifying.source.put(item("hot", str(look)))
    verifying.run()
    assert len(verifying.pauses) == verifying.probes + FIVE_MORE - 1


@pytest.mark.parametrize("side", ["source", "target"])
def test_an_expired_item_may_be_gone_on_either_side(side: str) -> None:
    verifying = Verifying(ttl_attribute="until")
    where = verifying.source if side == "source" else verifying.target
    where.put({**key("a"), "until": number(int(verifying.now) - 5)})
    assert verifying.run().differences == 0


@pytest.mark.parametrize("until", [5, -FIVE_YEARS - 5], ids=["not yet expired", "too old for DynamoDB"])
def test_an_item_that_dynamodb_does_not_delete_must_be_there(until: int) -> None:
    verifying = Verifying(ttl_attribute="until")
    verifying.source.put({**key("a"), "until": number(int(verifying.now) + until)})
    assert verifying.run().counts[Kind.MISSING] == 1


def test_an_expired_item_with_another_value_is_different() -> None:
    verifying = Verifying(ttl_attribute="until")
    verifying.source.put({**key("a"), "until": number(int(verifying.now) - 5)})
    verifying.target.put({**key("a"), "until": number(int(verifying.now) + 500)})
    assert verifying.run().counts[Kind.DIFFERENT] == 1


def test_without_a_ttl_no_attribute_excuses_a_missing_item() -> None:
    verifying = Verifying()
    verifying.source.put({**key("a"), "until": number(5)})
    assert verifying.run().counts[Kind.MISSING] == 1


def test_the_keys_that_are_kept_are_limited_and_the_counts_are_not() -> None:
    verifying = Verifying()
    for n in range(20):
        verifying.source.put(item(f"k{n}", "v"))
    result = verifying.run(most_keys=5)
    assert (len(result.keys[Kind.MISSING]), result.counts[Kind.MISSING]) == (5, 20)


def test_a_repair_gets_what_is_missing_or_different_and_never_what_is_extra() -> None:
    verifying = equal_tables()
    verifying.source.put(item("missing", "v"))
    verifying.target.put(item("k3", "different"))
    verifying.target.put(item("extra", "v"))
    repairable = SuspectFile(open_file)
    verifying.run(repairable=repairable)
    (batch,) = repairable.batches(100)
    assert sorted(suspect.key["k"]["S"] for suspect in batch) == ["k3", "missing"]


def test_a_table_that_stays_at_fault_ends_the_verify() -> None:
    verifying = equal_tables()
    verifying.source.put(item("new", "v"))

    def refuse(_: object) -> None:
        raise TableFault("target", "AccessDeniedException")

    verifying.target.before_get = refuse
    with pytest.raises(TableFault):
        verifying.run()


def test_a_scan_that_fails_ends_the_verify_and_its_threads() -> None:
    verifying = equal_tables()

    def scan(*_: object, **__: object) -> object:
        raise TableFault("source", "ResourceNotFoundException")

    verifying.source.scan = scan  # type: ignore[method-assign, assignment]
    with pytest.raises(TableFault, match="ResourceNotFound"):
        verifying.run()
