"""Reconcile: every key of the source converges; what only the target has goes only where that is proven."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.ledger_table import LedgerTable
from cutover.aws.reconcile_ledger import DynamoReconcileBook
from cutover.tables.backfill_rows import Place
from cutover.tables.patience import Stopped
from cutover.tables.ports import Item, Key, TableFault
from cutover.tables.reconcile import SOURCE, TARGET, Reconcile, ReconcileBook, Standing
from cutover.tables.transform import Transform
from cutover.tables.tuning import TUNING
from tests.contracts.test_owed_book import on
from tests.fakes.backfill import Hand, Killed, World
from tests.fakes.tables import item, key

SEGMENTS = 3


@dataclass
class FakeReconcileBook:
    begun: Standing | None = None
    kept: dict[tuple[str, int], Place] = field(default_factory=dict)

    def standing(self) -> Standing | None:
        return self.begun

    def begin(self, segments: int, at: float) -> None:
        self.begun = Standing(segments, at)

    def places(self, side: str) -> dict[int, Place]:
        return {number: place for (of, number), place in self.kept.items() if of == side}

    def save_place(self, side: str, place: Place, at: float) -> None:
        self.kept[side, place.segment] = place
        if self.begun:
            self.begun = replace(self.begun, at=max(at, self.begun.at))

    def end(self) -> None:
        self.kept.clear()
        self.begun = None


class Named(Transform):
    """Its inverse says that items whose value is `own` are the target's own."""

    def source_key(self, target_item: Item) -> Key | None:
        return None if target_item.get("v") == {"S": "own"} else {"k": target_item["k"]}


def reconcile(
    world: World, book: ReconcileBook, hand: Hand | None = None, *, proves: bool = False, **changes: Any
) -> tuple[Reconcile, list[Key]]:
    hand, extras = hand or Hand(), list[Key]()
    work = world.copying(hand, **changes)
    run = Reconcile(work, hand.on(world.target), hand.on(book), proves, extras.append)
    segments = run.begin(SEGMENTS)
    for side in (SOURCE, TARGET):
        run.run(side, segments, run.queue(side, segments, lambda places: places.reverse()))
    run.book.end()
    return run, extras


@pytest.fixture
def world() -> World:
    made = World()
    for number in range(10):
        made.source.put(item(str(number), "new"))
        if number % 3:
            made.target.put(item(str(number), "old"))
    return made


def test_every_key_of_the_source_converges_without_a_hint(world: World) -> None:
    run, extras = reconcile(world, FakeReconcileBook())
    assert (world.equal, extras) == (True, [])
    assert (run.done.compared, run.done.changed, run.done.looked, run.done.extra) == (10, 10, 10, 0)


def test_what_only_the_target_has_is_named_and_stays(world: World) -> None:
    world.target.put(item("mine?", "x"))
    run, extras = reconcile(world, FakeReconcileBook())
    assert (extras, run.done.extra, run.done.proven) == ([key("mine?")], 1, 0)
    assert len(world.target.items) == 11


def test_what_the_inverse_says_came_from_the_source_goes_and_the_targets_own_stays(world: World) -> None:
    world.target.put(item("deleted meanwhile", "x"))
    world.target.put(item("native", "own"))
    run, extras = reconcile(world, FakeReconcileBook(), proves=True, transform=Named())
    assert (run.done.proven, extras) == (1, [key("native")])
    assert len(world.target.items) == 11


def test_an_inverse_that_leads_elsewhere_proves_nothing(world: World) -> None:
    class Elsewhere(Named):
        def target_key(self, source_key: Key) -> Key:
            return source_key if source_key["k"]["S"].isdecimal() else key("elsewhere")

    world.target.put(item("x", "x"))
    run, extras = reconcile(world, FakeReconcileBook(), proves=True, transform=Elsewhere())
    assert (run.done.proven, extras) == (0, [key("x")])


def test_an_item_that_comes_into_the_source_meanwhile_is_not_deleted(world: World) -> None:
    world.target.put(item("late", "x"))
    world.source.before_get = lambda asked: world.source.put(item("late", "new")) if len(asked) == 1 else None
    reconcile(world, FakeReconcileBook(), proves=True, transform=Named())
    assert any(one["k"]["S"] == "late" for one in world.target.items.values())


def test_a_reconcile_that_is_stopped_goes_on_where_it_was(world: World) -> None:
    book = FakeReconcileBook()
    pages = iter([False, False, True])
    with pytest.raises(Stopped):
        reconcile(world, book, stop=lambda: next(pages, True))
    assert book.begun is not None
    run, _ = reconcile(world, book)
    assert world.equal
    assert 0 < run.done.compared < 10
    assert book.begun is None


def test_one_that_was_stopped_before_another_outage_begins_anew(world: World) -> None:
    """What it has behind it may have changed since, and the stream has forgotten."""
    book = FakeReconcileBook()
    pages = iter([False, False, True])
    with pytest.raises(Stopped):
        reconcile(world, book, stop=lambda: next(pages, True))
    done = [one for one in world.source.items.values() if one in world.target.items.values()]
    world.source.put({**done[0], "v": {"S": "changed in the second outage"}})
    days_later = 1_700_000_000.0 + TUNING.record_age + 60
    run, _ = reconcile(world, book, clock=lambda: days_later)
    assert (run.done.compared, world.equal) == (10, True)


def test_a_reconcile_that_dies_anywhere_ends_equal_when_it_is_run_again() -> None:
    def made() -> World:
        world = World()
        for number in range(4):
            world.source.put(item(str(number), "new"))
        world.target.put(item("gone", "old"))
        return world

    counted = Hand()
    reconcile(made(), FakeReconcileBook(), counted, proves=True, transform=Named())
    for call in range(0, counted.calls, 2):
        world, book = made(), FakeReconcileBook()
        with contextlib.suppress(Killed):
            reconcile(world, book, Hand(kill_at=call, after=True), proves=True, transform=Named())
        reconcile(world, book, proves=True, transform=Named())
        assert world.equal


@pytest.fixture(params=["fake", "moto"])
def book(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[ReconcileBook]:
    if request.param == "fake":
        yield FakeReconcileBook()
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        name = unique("ledger")
        on(client, name)
        yield DynamoReconcileBook(LedgerTable(client, name), "old=new")


def test_the_book_keeps_the_places_of_both_sides_and_forgets_them_at_the_end(book: ReconcileBook) -> None:
    assert (book.standing(), dict(book.places(SOURCE))) == (None, {})
    place = Place(2, next_start={"k": {"B": b"\x00\xff"}})
    book.begin(7, 1_000.5)
    assert book.standing() == Standing(7, 1_000.5)
    book.save_place(SOURCE, place, 3_000.25)
    book.save_place(TARGET, Place(11, done=True), 2_000)
    assert (book.standing(), dict(book.places(SOURCE))) == (Standing(7, 3_000.25), {2: place})
    assert dict(book.places(TARGET)) == {11: Place(11, done=True)}
    book.end()
    assert (book.standing(), dict(book.places(SOURCE)), dict(book.places(TARGET))) == (None, {}, {})


@mock_aws
def test_a_ledger_that_is_not_there_is_a_table_fault() -> None:
    ledger = LedgerTable(boto3.client("dynamodb", region_name="eu-west-1"), "nowhere")
    with pytest.raises(TableFault):
        DynamoReconcileBook(ledger, "a=b").standing()
