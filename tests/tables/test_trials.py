"""What a trial says of an item: where it goes, and what would stop it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest

from cutover.tables.ports import Item
from cutover.tables.renames import Renames
from cutover.tables.subs import Subs
from cutover.tables.target_rules import LARGEST_ITEM, IndexRule, TargetRules
from cutover.tables.transform import IDENTITY, Transform
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


def prefixed(key: Any) -> Any:
    """The first three letters of the old key, so that two may meet."""
    return {"k": {"S": f"new-{key['k']['S'][:3]}"}}


def by_value(target: Any) -> Any:
    """The inverse of `prefixed` for items whose `v` repeats their key."""
    return {**target, "k": target["v"]} if "v" in target else None


def moving(inverse: Callable[[Any], Any] = by_value) -> Transform:
    return Transform(key=prefixed, inverse=inverse, source_keys=("k",), target_keys=("k",))


class Users:
    """A map of subs that counts how often it is asked."""

    def __init__(self, **subs: str) -> None:
        self.subs, self.asked = subs, 0

    def new_subs(self, old_subs: Collection[str]) -> dict[str, str]:
        self.asked += 1
        return {old: self.subs[old] for old in old_subs if old in self.subs}

    def old_subs(self, new_subs: Collection[str]) -> dict[str, str]:
        return {new: old for old, new in self.subs.items() if new in new_subs}


OLD, NEW = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


def by_subs(users: Users) -> Transform:
    return Transform(subs=Subs([("k", "{sub}")], users), source_keys=("k",), target_keys=("k",))


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


def test_an_item_as_large_as_dynamodb_takes_is_no_problem() -> None:
    filled = changing(lambda one: {**one, "pad": {"S": "x" * (LARGEST_ITEM - 7)}})
    found = trial(filled, item("a", "v"))
    assert (found.problems, tally([found]).largest_after) == ((), LARGEST_ITEM)


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
    found = trial(moving(), item("a", "a"))
    assert (found.after, found.moves, found.problems) == (item("new-a", "a"), True, ())


@pytest.mark.parametrize(
    ("inverse", "detail"),
    [(lambda _: None, "gives no item"), (lambda one: {**one, "k": {"S": "b"}}, "gives another key")],
)
def test_an_inverse_that_leads_elsewhere_is_a_problem(inverse: Callable[[Any], Any], detail: str) -> None:
    assert problems(moving(inverse), item("a", "a")) == [(Problem.INVERSE_KEY, detail)]


def test_an_inverse_that_knows_keys_alone_is_told_from_one_that_loses_something() -> None:
    keys_alone = moving(lambda one: {"k": one["v"]})
    assert problems(keys_alone, item("a", "a")) == [(Problem.INVERSE_ITEM, "gives the key alone")]


def test_two_items_of_the_sample_with_one_target_key_collide_over_pages() -> None:
    trials = Trials(moving(), ("k",), RULES)
    first = list(trials.of([item("abc-1", "abc-1")]))
    second = list(trials.of([item("abc-2", "abc-2")]))
    assert first[0].problems == ()
    assert [kind for kind, _ in second[0].problems] == [Problem.COLLISION]


def test_an_item_whose_user_has_not_come_over_waits() -> None:
    found = trial(by_subs(Users()), item(OLD, "v"))
    assert (found.problems, found.dropped) == (((Problem.UNMAPPED, "its user has not come over yet"),), False)


def test_an_item_of_a_user_who_came_over_moves_to_the_new_sub_and_back() -> None:
    found = trial(by_subs(Users(**{OLD: NEW})), item(OLD, "v"))
    assert (found.after, found.moves, found.problems) == (item(NEW, "v"), True, ())


def test_subs_in_maps_and_lists_are_tried_like_those_on_top() -> None:
    people = [Subs([("team[].by", "{sub}")], users) for users in (Users(), Users(**{OLD: NEW}))]
    waits, goes = (Transform(subs=one, source_keys=("k",), target_keys=("k",)) for one in people)
    team = {**item("a", "v"), "team": {"L": [{"M": {"by": {"S": OLD}}}]}}
    assert problems(waits, team) == [(Problem.UNMAPPED, "its user has not come over yet")]
    found = trial(goes, team)
    assert (found.after, found.problems) == (
        {**item("a", "v"), "team": {"L": [{"M": {"by": {"S": NEW}}}]}},
        (),
    )
    elsewhere = {**item("a", "v"), "team": {"S": OLD}}
    ((problem, detail),) = problems(goes, elsewhere)
    assert (problem, detail) == (
        Problem.FAILS,
        "subs: team is of type S, and [] stands for the members of a list",
    )


def test_the_mappings_of_a_page_are_learnt_at_once() -> None:
    users = Users()
    page = [item(OLD, "v"), item(NEW, "v")]
    list(Trials(by_subs(users), ("k",), RULES).of(page))
    assert users.asked == 1


def test_what_is_renamed_goes_back_and_what_is_dropped_does_not() -> None:
    assert problems(Transform(renames=Renames({"v": "w"})), item("a", "v")) == []
    dropping = Transform(renames=Renames(drop=frozenset({"v"})))
    assert problems(dropping, item("a", "v")) == [(Problem.INVERSE_ITEM, "differs in v")]


def test_a_function_without_an_inverse_has_no_way_back_to_be_tried() -> None:
    assert problems(changing(lambda one: {**one, "v": {"S": "w"}}), item("a", "v")) == []


def there_and_back(forth: Callable[[Any], Any], back: Callable[[Any], Any]) -> Transform:
    return Transform(forth, back, source_keys=("k",), target_keys=("k",))


def test_an_inverse_that_does_not_give_the_item_back_says_what_differs() -> None:
    other = there_and_back(lambda one: one, lambda one: {**one, "v": {"S": "other"}, "w": {"N": "1"}})
    assert problems(other, item("a", "v")) == [(Problem.INVERSE_ITEM, "differs in v, w")]


@pytest.mark.parametrize(
    ("inverse", "detail"),
    [
        (lambda _: None, "gives no item"),
        (fail, "raised ValueError"),
        (lambda _: {"k": "a"}, "gave no typed item: an attribute value is a map of one type to its value"),
    ],
)
def test_an_inverse_that_gives_nothing_says_why(inverse: Callable[[Any], Any], detail: str) -> None:
    assert problems(there_and_back(lambda one: one, inverse), item("a", "v")) == [
        (Problem.INVERSE_KEY, detail)
    ]


def test_an_inverse_that_gives_the_item_back_is_no_problem() -> None:
    def forth(one: Any) -> Any:
        return {**one, "added": {"N": "1"}} if "v" in one else one

    def back(one: Any) -> Any:
        return {name: value for name, value in one.items() if name != "added"}

    assert problems(there_and_back(forth, back), item("a", "v")) == []


def test_an_inverse_that_changes_what_it_is_given_spoils_nothing() -> None:
    def back(one: Any) -> Any:
        one.pop("v")
        return one

    found = trial(there_and_back(lambda one: one, back), item("a", "v"))
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
