"""What a sample's counts become."""

from __future__ import annotations

from collections import Counter

import pytest

from cutover.control.doctor.table_facts import PairView
from cutover.tables.target_rules import LARGEST_ITEM
from cutover.tables.trials import Problem, Tally
from tests.control.doctor.healthy_tables import codes, facts, only, view


def sampled(**changed: object) -> PairView:
    return view(sample=Tally(**{"items": 100, "read_units": 100, "write_units": 100, **changed}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (Problem.FAILS, "transform_fails"),
        (Problem.UNMAPPED, "items_unmapped"),
        (Problem.TOO_LARGE, "item_too_large"),
        (Problem.KEY, "key_refused"),
        (Problem.INDEX_KEY, "index_key_refused"),
        (Problem.COLLISION, "keys_collide"),
        (Problem.INVERSE_KEY, "inverse_wrong_key"),
        (Problem.INVERSE_ITEM, "inverse_loses"),
    ],
)
def test_each_kind_of_problem_is_a_finding_of_its_own(problem: Problem, code: str) -> None:
    pair = sampled(faulty=3, problems=Counter({(problem, "detail"): 3}))
    assert codes(facts(pair)) == [code]
    found = only(facts(pair), code)
    assert (found.data["items"], found.data["of"]) == (3, 100)
    assert "detail (3)" in found.reason
    assert found.words == ("rehearse", "--pair", pair.id, "--sample", "100")


def test_every_kind_of_problem_has_a_finding() -> None:
    pair = sampled(faulty=100, problems=Counter({(problem, ""): 1 for problem in Problem}))
    assert len(codes(facts(pair))) == len(Problem)


def test_an_item_that_two_indexes_refuse_counts_once() -> None:
    problems = Counter({(Problem.INDEX_KEY, "a of index x"): 4, (Problem.INDEX_KEY, "b of index y"): 4})
    assert only(facts(sampled(faulty=4, problems=problems)), "index_key_refused").data["items"] == 4


def test_items_that_the_transform_leaves_out_are_a_note() -> None:
    assert codes(facts(sampled(dropped=7))) == ["items_left_out"]


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (int(LARGEST_ITEM * 0.9), []),
        (int(LARGEST_ITEM * 0.9) + 1, ["item_nearly_too_large"]),
        (LARGEST_ITEM, ["item_nearly_too_large"]),
        (LARGEST_ITEM + 1, []),
    ],
)
def test_the_largest_item_is_named_when_it_comes_near_the_limit(largest: int, expected: list[str]) -> None:
    assert codes(facts(sampled(largest_after=largest))) == expected


def test_an_empty_sample_says_nothing_but_that() -> None:
    assert codes(facts(sampled(items=0))) == ["sample_empty"]
