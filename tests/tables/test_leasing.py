"""A lease keeps a second writer out while the first one lives, whatever their clocks say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from cutover.errors import InterlockRefused
from cutover.tables.lease import LEASE_SECONDS, LONGEST_SKEW, MARGIN, LeaseLost, LeaseRow
from cutover.tables.leasing import Claimant, HeldLease, Permits, join_lease, take_lease
from cutover.tables.ports import AuthorityLost
from tests.fakes.backfill import FakeLeaseBook
from tests.fakes.tables import Granted

EPOCH = 1_700_000_000.0


@dataclass
class Scene:
    """Time passes by sleeping; `each_second` is what others do meanwhile."""

    book: FakeLeaseBook = field(default_factory=FakeLeaseBook)
    now: float = 0.0
    said: list[str] = field(default_factory=list)
    each_second: Callable[[float], None] = lambda _: None

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.each_second(self.now)

    def take(self, owner: str = "me") -> HeldLease:
        return take_lease(self.book, self.claimant(owner))

    def claimant(self, owner: str, seconds: float = LEASE_SECONDS) -> Claimant:
        return Claimant(
            "pair",
            "backfill",
            owner,
            say=self.said.append,
            seconds=seconds,
            clock=lambda: EPOCH + self.now,
            monotonic=lambda: self.now,
            sleep=self.sleep,
        )


def left_by_another(expires_in: float) -> LeaseRow:
    return LeaseRow("backfill", "other", EPOCH - 60, EPOCH + expires_in)


def test_a_free_lease_is_taken_at_once() -> None:
    scene = Scene()
    scene.take()
    assert (scene.now, scene.said) == (0.0, [])
    assert scene.book.row == LeaseRow("backfill", "me", EPOCH, EPOCH + LEASE_SECONDS)


def test_a_lease_that_is_not_renewed_is_taken_over_after_its_length() -> None:
    scene = Scene()
    scene.book.row = left_by_another(20)
    scene.take()
    assert scene.now >= LEASE_SECONDS
    assert scene.book.row.owner == "me"
    assert "other" in scene.said[0]


def test_a_lease_whose_holders_clock_is_minutes_behind_is_watched_too() -> None:
    scene = Scene()
    scene.book.row = left_by_another(-240)
    scene.each_second = lambda now: setattr(scene.book, "row", left_by_another(-240 + now))
    with pytest.raises(InterlockRefused) as refused:
        scene.take()
    assert refused.value.interlock == "lease_held"


def test_a_lease_that_ran_out_long_ago_is_taken_at_once() -> None:
    scene = Scene()
    scene.book.row = left_by_another(-LONGEST_SKEW - 1)
    scene.take()
    assert scene.now == 0.0


def test_a_lease_that_is_given_back_meanwhile_is_taken() -> None:
    scene = Scene()
    scene.book.row = left_by_another(20)
    scene.each_second = lambda now: setattr(scene.book, "row", None) if now > 3 else None
    scene.take()
    assert scene.now < 6


def test_who_is_slower_than_a_third_one_is_refused() -> None:
    """Both watched the same dead lease; the other one claimed it first and renews it."""
    scene = Scene()
    scene.book.row = left_by_another(20)

    def third(now: float) -> None:
        if now >= LEASE_SECONDS:
            scene.book.row = LeaseRow("backfill", "third", EPOCH, EPOCH + now)

    scene.each_second = third
    with pytest.raises(InterlockRefused):
        scene.take()


def test_renewing_keeps_it() -> None:
    scene = Scene()
    lease = scene.take()
    for _ in range(10):
        scene.now += 15
        lease.renew()
        lease.check()
    assert scene.book.row is not None
    assert scene.book.row.expires_at == EPOCH + 150 + LEASE_SECONDS


def test_a_holder_that_cannot_renew_stops_before_others_may_think_it_dead() -> None:
    scene = Scene()
    lease = scene.take()
    scene.now += LEASE_SECONDS - MARGIN
    lease.check()
    scene.now += 0.1
    with pytest.raises(LeaseLost):
        lease.check()


def test_a_lease_that_was_taken_away_is_lost_at_the_next_renewal() -> None:
    scene = Scene()
    lease = scene.take()
    scene.book.row = left_by_another(20)
    lease.renew()
    with pytest.raises(LeaseLost):
        lease.check()


def test_a_renewal_whose_reply_was_lost_does_not_lose_the_lease() -> None:
    scene = Scene()
    lease = scene.take()
    assert scene.book.row is not None
    scene.book.row = replace(scene.book.row, expires_at=scene.book.row.expires_at + 1)
    lease.renew()
    lease.check()


def test_giving_it_back_frees_it() -> None:
    scene = Scene()
    scene.take().give_back()
    assert scene.book.row is None


def test_a_lease_that_was_given_back_by_another_worker_is_lost() -> None:
    """An execution has ended; a worker of it that was late must not bring its lease back."""
    scene = Scene()
    lease = scene.take()
    scene.book.row = None
    lease.renew()
    with pytest.raises(LeaseLost):
        lease.check()
    assert scene.book.row is None


def test_workers_of_one_owner_renew_one_lease_together() -> None:
    scene = Scene()
    first = take_lease(scene.book, scene.claimant("execution", 60))
    second = join_lease(scene.book, scene.claimant("execution", 60))
    for _ in range(5):
        scene.now += 15
        second.renew()
        first.renew()
        first.check()
        second.check()


def test_a_worker_stops_by_itself_though_others_keep_the_lease_alive() -> None:
    """It was frozen: whatever it wrote next would be unseen by whoever takes over when the others end."""
    scene = Scene()
    frozen = take_lease(scene.book, scene.claimant("execution", 60))
    alive = join_lease(scene.book, scene.claimant("execution", 60))
    scene.now += LEASE_SECONDS - MARGIN + 1
    alive.renew()
    with pytest.raises(LeaseLost):
        frozen.check()


@pytest.mark.parametrize("owner", [None, "other"], ids=["nobody", "another"])
def test_nobody_joins_a_lease_that_its_owner_does_not_hold(owner: str | None) -> None:
    scene = Scene()
    scene.book.row = owner and LeaseRow("backfill", owner, EPOCH, EPOCH + 30)  # type: ignore[assignment]
    with pytest.raises(LeaseLost):
        join_lease(scene.book, scene.claimant("execution"))


def test_its_owner_takes_it_again_without_waiting() -> None:
    """The reply of a worker that had taken it was lost, and the worker is called again."""
    scene = Scene()
    scene.take("execution")
    scene.take("execution").check()
    assert scene.now == 0.0


def test_a_lease_is_watched_for_its_own_length() -> None:
    """A paused execution says how long it will be silent."""
    scene = Scene()
    scene.book.row = replace(left_by_another(360), seconds=360)
    scene.take()
    assert scene.now >= 360


def test_its_holder_hears_at_the_next_renewal_that_it_is_to_stop() -> None:
    scene = Scene()
    lease = scene.take()
    assert scene.book.ask_to_stop("me")
    assert not lease.stop_asked
    lease.renew()
    assert lease.stop_asked


def test_nobody_else_is_stopped() -> None:
    scene = Scene()
    scene.take()
    assert not scene.book.ask_to_stop("other")


def test_all_permits_must_hold() -> None:
    with pytest.raises(AuthorityLost):
        Permits((Granted(), Granted(lost_at=1))).check()
