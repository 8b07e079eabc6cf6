"""What a trial says of an item: where it goes, and what would stop it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from cutover.tables.ports import FaultReason, Item, Key
from cutover.tables.target_rules import LARGEST_ITEM, IndexRule, TargetRules
from cutover.tables.transform import IDENTITY, Transform, TransformFault
from cutover.tables.trials import Problem, Tally, Trial, Trials, tally
from tests.fakes.tables import item

RULES = TargetRules((("k", "S"),), (IndexRule("by-mail", (("mail", "S"),)),))


def trial(transform: Transform, source: Item) -> Trial:
    (found,) = Trials(transform, ("k",), RULES).of([source])
    return found


def problems(transform: Transform, source: Item) -> list[tuple[Problem, str]]:
    return list(trial(transform, source).problems)


def changing(function: Callable[[Any], Any]) -> Transform:
    return Transform(function)


@dataclass(frozen=True)
class Moving(Transform):
    """Puts `new-` before keys; those who have no mapping wait. `back` is what the inverse gives."""

    back: Callable[[Item], Key | None] = lambda target: {"k": {"S": target["k"]["S"].removeprefix("new-")}}
    unmapped: tuple[str, ...] = ()
    learnt: Any = None

    @property
    def changes_keys(self) -> bool:
        return True

    def learn(self, items: Iterable[Item]) -> None:
        if self.learnt is not None:
            self.learnt.extend(items)

    def target_key(self, source_key: Key) -> Key:
        name = source_key["k"]["S"]
        if name in self.unmapped:
            raise TransformFault(FaultReason.UNMAPPED, "has no new sub", waits_for=name)
        return {"k": {"S": f"new-{name[:3]}"}}

    def source_key(self, target_item: Item) -> Key | None:
        return self.back(target_item)

    def wanted(self, source_key: Key, item: Item | None) -> Item | None:
        return None if item is None else {**item, **self.target_key(source_key)}


def test_an_item_that_goes_over_as_it_is_has_no_problem() -> None:
    found = trial(IDENTITY, item("a", "v"))
    assert (found.after, found.problems, found.moves, found.dropped) == (item("a", "v"), (), False, False)


def test_what_replication_added_is_no_part_of_it() -> None:
    found = trial(IDENTITY, {**item("a", "v"), "aws:rep:updatetime": {"N": "1"}})
    assert found.before == found.after == item("a", "v")


def test_an_item_that_the_transform_leaves_out_is_dropped_and_no_problem() -> None:
    found = trial(changing(lambda _: None), item("a", "v"))
    assert (found.dropped, found.problems) == (True, ())


def fail(_: Any) -> Any:
    raise ValueError("a value of the item: secret")


def test_a_transform_that_raises_names_the_exception_and_no_value() -> None:
    assert problems(changing(fail), item("a", "v")) == [(Problem.FAILS, "raised ValueError")]


def test_a_transform_that_gives_no_item_fails() -> None:
    ((problem, _),) = problems(changing(lambda _: {"k": "a"}), item("a", "v"))
    assert problem is Problem.FAILS


def test_an_item_that_grows_over_the_limit_is_too_large() -> None:
    grown = changing(lambda one: {**one, "pad": {"S": "x" * LARGEST_ITEM}})
    ((problem, detail),) = problems(grown, item("a", "v"))
    assert (problem, detail) == (Problem.TOO_LARGE, "409,607 bytes")


def test_an_index_of_the_target_that_would_refuse_it_is_named() -> None:
    typed = changing(lambda one: {**one, "mail": {"NULL": True}})
    assert problems(typed, item("a", "v")) == [
        (Problem.INDEX_KEY, "mail of index by-mail is of type NULL, not S")
    ]


def test_the_targets_own_key_is_looked_at_too() -> None:
    numbers = TargetRules((("k", "N"),))
    (found,) = Trials(IDENTITY, ("k",), numbers).of([item("a", "v")])
    assert found.problems == ((Problem.KEY, "k is of type S, not N"),)


def test_a_key_that_changes_is_said_and_its_inverse_is_tried() -> None:
    found = trial(Moving(), item("a", "v"))
    assert (found.moves, found.problems) == (True, ())


@pytest.mark.parametrize(
    ("back", "detail"),
    [(lambda _: None, "gives no source key"), (lambda _: {"k": {"S": "b"}}, "gives another key")],
)
def test_an_inverse_that_leads_elsewhere_is_a_problem(
    back: Callable[[Item], Key | None], detail: str
) -> None:
    assert problems(Moving(back=back), item("a", "v")) == [(Problem.INVERSE_KEY, detail)]


def test_two_items_of_the_sample_with_one_target_key_collide_over_pages() -> None:
    trials = Trials(Moving(back=lambda target: {"k": target["v"]}), ("k",), RULES)
    first = list(trials.of([item("abc-1", "abc-1")]))
    second = list(trials.of([item("abc-2", "abc-2")]))
    assert first[0].problems == ()
    assert [kind for kind, _ in second[0].problems] == [Problem.COLLISION]


def test_an_item_whose_user_has_not_come_over_waits() -> None:
    found = trial(Moving(unmapped=("a",)), item("a", "v"))
    assert (found.problems, found.dropped) == (((Problem.UNMAPPED, "has no new sub"),), False)


def test_the_mappings_of_a_page_are_learnt_at_once() -> None:
    learnt: list[Item] = []
    page = [item("a", "v"), item("b", "v")]
    list(Trials(Moving(learnt=learnt), ("k",), RULES).of(page))
    assert learnt == page


@pytest.mark.parametrize(
    ("inverse", "detail"),
    [
        (lambda one: {**one, "v": {"S": "other"}}, "differs in v"),
        (lambda _: None, "gives no item"),
        (fail, "raised ValueError"),
        (lambda _: "nothing of an item", "raised AttributeError"),
    ],
)
def test_an_inverse_that_does_not_give_the_item_back_says_what_differs(
    inverse: Callable[[Any], Any], detail: str
) -> None:
    transform = Transform(lambda one: one, inverse)
    assert problems(transform, item("a", "v")) == [(Problem.INVERSE_ITEM, detail)]


def test_an_inverse_that_gives_the_item_back_is_no_problem() -> None:
    def forth(one: Any) -> Any:
        return {**one, "added": {"N": "1"}}

    def back(one: Any) -> Any:
        return {name: value for name, value in one.items() if name != "added"}

    assert problems(Transform(forth, back), item("a", "v")) == []


def test_an_inverse_that_changes_what_it_is_given_spoils_nothing() -> None:
    def back(one: Any) -> Any:
        one.pop("v")
        return one

    found = trial(Transform(lambda one: one, back), item("a", "v"))
    assert found.after == item("a", "v")


def test_a_tally_counts_items_sizes_and_units() -> None:
    trials = [
        Trial({}, item("a", "x" * 5000), None),
        Trial({}, item("b", "v"), item("b", "x" * 1100), moves=True),
        Trial({}, item("c", "v"), item("c", "v")),
        Trial({}, item("d", "v"), None, ((Problem.FAILS, "raised KeyError"),)),
    ]
    found = tally(trials)
    assert (found.items, found.dropped, found.changed, found.moved, found.faulty) == (4, 1, 1, 1, 1)
    assert (found.largest_before, found.largest_after) == (5003, 1103)
    assert (found.read_units, found.write_units) == (2 + 3, 2 + 1)
    assert found.of(Problem.FAILS) == {"raised KeyError": 1}


def test_sizes_of_items_that_are_too_large_are_one_problem() -> None:
    counted = Tally()
    for bytes_ in ("409,700 bytes", "500,000 bytes"):
        counted.add(Trial({}, item("a", "v"), item("a", "v"), ((Problem.TOO_LARGE, bytes_),)))
    assert counted.of(Problem.TOO_LARGE) == {"": 2}


def test_the_json_of_a_tally_holds_no_value_of_an_item() -> None:
    text = str(tally([trial(changing(fail), item("a", "secret"))]).data())
    assert "secret" not in text
    assert "raised ValueError" in text
