"""The lease that a verb holds while it may write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cutover.aws.open_pairs import OpenedPair, owner
from cutover.cli.options import Invocation
from cutover.tables.leasing import Claimant, HeldLease, take_lease
from cutover.tables.ports import TableFault


@contextmanager
def writer_lease(invocation: Invocation, opened: OpenedPair, verb: str) -> Iterator[HeldLease]:
    """Held inside, given back at the end, however it comes. Raises InterlockRefused (`lease_held`)."""
    say = invocation.render.say
    lease = take_lease(opened.lease_book(), Claimant(opened.pair.id, verb, owner(), say))
    try:
        yield lease
    finally:
        try:
            lease.give_back()
        except TableFault as fault:
            say(f"the lease could not be given back and runs out by itself: {fault}")
