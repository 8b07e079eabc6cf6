"""A sample finds differences in what it draws, says what it has looked at, and can be drawn again."""

from __future__ import annotations

import pytest

from cutover.tables.kinds import Kind
from cutover.tables.spill_join import Side
from cutover.tables.transform import Transform
from cutover.tables.verification import Verification
from cutover.tables.verify_draw import Draw, Sampled, SampleSize, draw
from cutover.tables.verify_sample import Sampling, verify_sample
from tests.fakes.tables import FakeTable, item, key
from tests.fakes.verifying import Verifying

EVERYTHING = SampleSize(percent=100)


def run(verifying: Verifying, size: SampleSize = EVERYTHING, workers: int = 2) -> Verification:
    draws = {side: draw(size, 0, side) for side in Side}
    sampling = Sampling(verifying.source, verifying.target, draws, workers=workers)
    return verify_sample(sampling, verifying.probing())


def equal_tables(count: int = 40) -> Verifying:
    verifying = Verifying()
    for n in range(count):
        verifying.both(item(f"k{n}", "v"))
    return verifying


def test_a_sample_of_everything_finds_each_kind_of_difference() -> None:
    verifying = equal_tables()
    verifying.target.delete(key("k1"))
    verifying.target.put(item("k2", "other"))
    verifying.source.delete(key("k3"))
    found = {Kind.MISSING: 1, Kind.DIFFERENT: 1, Kind.NATIVE: 1}
    assert run(verifying).counts == {**dict.fromkeys(Kind, 0), **found}


def test_equal_tables_have_no_difference_and_no_suspect() -> None:
    result = run(equal_tables())
    assert (result.differences, result.suspects, result.compared) == (0, 0, 80)


def test_a_sample_reads_a_part() -> None:
    result = run(equal_tables(400), SampleSize(percent=10, seed=3))
    assert 0 < result.source_items < 400
    assert result.sampled is not None
    assert [one.segments for one in result.sampled] == [10, 10]


def test_a_sample_of_so_many_items_ends_when_it_has_seen_them() -> None:
    result = run(equal_tables(400), SampleSize(items=30, seed=3), workers=1)
    assert 30 <= result.source_items < 400
    assert 30 <= result.target_items < 400


def test_a_sample_of_more_items_than_there_are_reads_them_all() -> None:
    assert run(equal_tables(), SampleSize(items=1000)).source_items == 40


def test_the_same_seed_draws_the_same() -> None:
    one, other = (draw(SampleSize(percent=5, seed=7), 100_000, Side.SOURCE) for _ in range(2))
    assert one == other
    assert one != draw(SampleSize(percent=5, seed=8), 100_000, Side.SOURCE)


@pytest.mark.parametrize(("estimate", "segments"), [(0, 100), (100_000, 4000), (10**12, 1_000_000)])
def test_the_segments_are_as_many_as_dynamodb_takes_at_most(estimate: int, segments: int) -> None:
    drawn = draw(SampleSize(percent=1), estimate, Side.TARGET)
    assert (drawn.segments, len(drawn.chosen)) == (segments, segments // 100)
    assert len(set(drawn.chosen)) == len(drawn.chosen)


def test_partition_keys_are_counted_once_across_pages() -> None:
    """The rule of three counts what was drawn: partition keys, and not their items."""
    names = ("k", "s")
    verifying = Verifying(
        source=FakeTable(name="source", key_names=names, page=3),
        target=FakeTable(name="target", key_names=names, page=3),
    )
    for n in range(10):
        verifying.both({"k": {"S": "one"}, "s": {"S": str(n)}})
    draws = {side: Draw(1, (0,), None) for side in Side}
    result = verify_sample(Sampling(verifying.source, verifying.target, draws), verifying.probing())
    assert result.sampled is not None
    assert [(one.items, one.partition_keys) for one in result.sampled] == [(10, 1), (10, 1)]


@pytest.mark.parametrize(("partition_keys", "bound"), [(0, None), (3, None), (300, 0.01)])
def test_nothing_found_among_n_says_less_than_3_of_n(partition_keys: int, bound: float | None) -> None:
    assert Sampled(partition_keys=partition_keys).bound == bound


def test_the_rule_of_three_is_never_better_than_the_exact_bound() -> None:
    for n in range(4, 2000):
        assert (1 - (Sampled(partition_keys=n).bound or 0)) ** n <= 0.05


def test_a_transforms_faults_are_suspects() -> None:
    def refuse(_: object) -> None:
        raise ValueError("no")

    verifying = equal_tables(2)
    verifying.transform = Transform(refuse)
    assert run(verifying).counts[Kind.REFUSED] == 2


def test_an_item_that_the_transform_leaves_out_is_not_missing() -> None:
    verifying = Verifying(transform=Transform(lambda _: None))
    verifying.source.put(item("a", "v"))
    assert run(verifying).differences == 0


def test_what_waits_for_its_user_is_not_equal() -> None:
    result = Verification(counts={**dict.fromkeys(Kind, 0), Kind.UNMAPPED: 1})
    assert (result.differences, result.all_equal) == (0, False)
    assert Verification().all_equal
