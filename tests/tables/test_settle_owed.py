"""A full verify that found a pair equal settles what was owed before it, and nothing that is still open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from cutover.tables.items import key_id
from cutover.tables.kinds import Kind
from cutover.tables.owed import Owed
from cutover.tables.parking import Reason
from cutover.tables.ports import Key, TableFault
from cutover.tables.settle_owed import NEVER, SCAN_LAG, settle_owed
from cutover.tables.verify_draw import Sampled
from tests.fakes.owed import FakeOwedBook
from tests.fakes.tables import item, key
from tests.fakes.verifying import Verifying
from tests.tables.keyed import FakeSubMap, re_keyed, sub, user

BEGAN = 10_000.0


def owed(reason: str = Reason.THROTTLED, *keys: Key, since: float = BEGAN - 2 * SCAN_LAG) -> Owed:
    return Owed(f"{reason}#{len(keys)}!mark", "a=b", "forward", 0, keys, reason, since)


class Settling:
    """Equal tables of ten items, and a book of what is owed to their target."""

    def __init__(self, *rows: Owed) -> None:
        self.verifying = Verifying()
        for n in range(10):
            self.verifying.both(item(f"k{n}", "v"))
        self.book = FakeOwedBook()
        self.book.add(rows)

    def settled(self, **changes: object) -> int:
        """Of a verify that is run now; `changes` are counts to set, or another result."""
        result = self.verifying.run()
        for kind, number in changes.items():
            result.counts[Kind(kind)] = number  # type: ignore[assignment]
        return settle_owed(self.book, "a=b", self.verifying.probing(), result, BEGAN)

    @property
    def left(self) -> list[str]:
        return [row.reason for row in self.book.rows("a=b")]


@pytest.mark.parametrize("reason", [one for one in Reason if one not in NEVER])
def test_what_was_owed_before_goes_where_the_target_is_right(reason: Reason) -> None:
    settling = Settling(owed(reason, key("k1"), key("k2")))
    assert settling.settled() == 1
    assert settling.left == []


def test_a_key_that_both_sides_lack_is_right() -> None:
    assert Settling(owed(Reason.THROTTLED, key("gone"))).settled() == 1


@pytest.mark.parametrize("reason", NEVER)
def test_what_waits_for_a_user_or_for_a_lost_reply_stays(reason: Reason) -> None:
    settling = Settling(owed(reason, key("k1")))
    assert settling.settled() == 0
    assert settling.left == [reason]


def test_what_was_owed_after_it_began_stays() -> None:
    assert Settling(owed(Reason.THROTTLED, key("k1"), since=BEGAN)).settled() == 0


@pytest.mark.parametrize("kind", ["missing", "different", "mirrored", "refused", "in_flight"])
def test_a_verify_that_found_something_settles_nothing(kind: str) -> None:
    assert Settling(owed(Reason.THROTTLED, key("k1"))).settled(**{kind: 1}) == 0


def test_native_items_and_users_who_have_not_come_keep_no_key_owed() -> None:
    assert Settling(owed(Reason.THROTTLED, key("k1"))).settled(native=1, unmapped=1) == 1


def test_a_sample_settles_nothing() -> None:
    settling = Settling(owed(Reason.THROTTLED, key("k1")))
    result = settling.verifying.run()
    result.sampled = (Sampled(10), Sampled(10))
    assert settle_owed(settling.book, "a=b", settling.verifying.probing(), result, BEGAN) == 0


def test_a_key_that_turned_wrong_since_stays_owed() -> None:
    """The verify read an old item of the source, or the mirror wrote an old one since."""
    settling = Settling(owed(Reason.THROTTLED, key("k1"), key("k2")))
    result = settling.verifying.run()
    settling.verifying.target.put(item("k2", "old"))
    assert settle_owed(settling.book, "a=b", settling.verifying.probing(), result, BEGAN) == 0
    assert settling.left == [Reason.THROTTLED]


def test_a_key_that_changes_at_the_look_stays_owed() -> None:
    settling = Settling(owed(Reason.THROTTLED, key("k1")))
    result = settling.verifying.run()
    numbers = iter(range(100))
    settling.verifying.source.before_get = lambda _: settling.verifying.both(item("k1", str(next(numbers))))
    assert settle_owed(settling.book, "a=b", settling.verifying.probing(), result, BEGAN) == 0


FOREIGN: Key = {"k": {"N": "1"}}
OTHERS: Key = {"another": {"S": "x"}}


def refusing(settling: Settling) -> None:
    """As DynamoDB refuses a read of which one key is no key of the table."""

    def before(identities: object) -> None:
        if key_id(FOREIGN) in identities:  # type: ignore[operator]
            raise TableFault("source", "ValidationException")

    settling.verifying.source.before_get = before


@pytest.mark.parametrize("keys", [(FOREIGN,), (OTHERS,), (key("k1"), FOREIGN, OTHERS, key("k2"))], ids=str)
def test_a_key_that_is_none_of_the_table_ends_no_verify_and_goes_with_one(keys: tuple[Key, ...]) -> None:
    """Of a table that had its name before, or of a tampered object: no redrive can clear it."""
    settling = Settling(owed(Reason.LOST, *keys), owed(Reason.THROTTLED, key("k3")))
    refusing(settling)
    assert (settling.settled(), settling.left) == (2, [])


def test_a_key_that_is_none_of_the_table_stays_where_the_verify_left_something_open() -> None:
    settling = Settling(owed(Reason.LOST, FOREIGN), owed(Reason.THROTTLED, key("k3")))
    refusing(settling)
    assert (settling.settled(unmapped=1), settling.left) == (1, [Reason.LOST])


def test_many_rows_are_not_held_all_at_once() -> None:
    settling = Settling(*(owed(Reason.THROTTLED, *[key(f"k{n}")] * n) for n in range(1, 10)))
    pages, read = settling.book.pages, list[str]()

    def counted(*given: Any) -> Iterator[tuple[Sequence[Owed], str]]:
        for page, place in pages(*given):
            read.extend(row.name for row in page)
            assert len(read) - (9 - len(settling.book.kept)) <= 2, "it reads on before it has settled"
            yield page, place

    settling.book.pages = counted  # type: ignore[method-assign]
    assert (settling.settled(), len(read)) == (9, 9)


def test_a_row_that_was_added_again_meanwhile_stays() -> None:
    settling = Settling(owed(Reason.THROTTLED, key("k1")))
    result = settling.verifying.run()

    def again(_: object) -> None:
        (row,) = settling.book.rows("a=b")
        settling.book.add([Owed("throttled#1!another", *tuple(vars(row).values())[1:])])

    settling.verifying.target.before_get = again
    settle_owed(settling.book, "a=b", settling.verifying.probing(), result, BEGAN)
    assert settling.left == [Reason.THROTTLED]


def test_a_batch_that_nobody_could_read_goes_with_a_verify_that_left_nothing_open() -> None:
    assert Settling(owed(Reason.LOST)).settled() == 1


@pytest.mark.parametrize("kind", ["unmapped", "native"])
def test_a_batch_that_nobody_could_read_stays_while_something_is_open(kind: str) -> None:
    """It may have held a deletion, or a change of a user who has not come over."""
    assert Settling(owed(Reason.LOST)).settled(**{kind: 1}) == 0


def test_a_batch_that_was_lost_while_a_scan_may_not_have_seen_it_stays() -> None:
    assert Settling(owed(Reason.LOST, since=BEGAN - 1)).settled() == 0


def test_a_key_of_a_user_who_has_not_come_over_stays_owed_for_whatever_reason() -> None:
    settling = Settling()
    settling.verifying = Verifying(transform=re_keyed(FakeSubMap(), "k"))
    settling.verifying.source.put({"k": user(1)})
    settling.book.add([owed(Reason.THROTTLED, {"k": user(1)})])
    assert settling.settled() == 0
    assert sub(1) not in str(settling.left)
