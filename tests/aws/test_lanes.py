"""Several calls at once: all are done, none is left under way, and the first failure ends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from cutover.aws.lanes import Lanes


class Trouble(Exception):
    pass


def together(parties: int) -> Callable[[object], None]:
    """A task that ends only when so many are under way at once."""
    barrier = threading.Barrier(parties, timeout=10)
    return lambda task: barrier.wait() and None


def test_every_task_is_done_once() -> None:
    done: list[int] = []
    Lanes().each(done.append, range(20))
    assert sorted(done) == list(range(20))


def test_nothing_to_do_is_done() -> None:
    Lanes().each(together(99), [])


def test_the_caller_and_its_helpers_work_at_once() -> None:
    Lanes(helpers=3).each(together(4), range(4))


def test_a_single_task_needs_no_thread() -> None:
    threads: list[str] = []
    Lanes().each(lambda task: threads.append(threading.current_thread().name), ["one"])
    assert threads == [threading.current_thread().name]


def test_a_caller_does_not_wait_for_helpers_that_are_busy_for_another() -> None:
    lanes, busy, free = Lanes(helpers=1), threading.Event(), threading.Event()
    held = list[bool]()

    def hold(task: int) -> None:
        if threading.current_thread().name.startswith("lane"):
            busy.set()
        held.append(free.wait(10))

    first = threading.Thread(target=lanes.each, args=(hold, range(2)))
    first.start()
    assert busy.wait(10)
    done: list[int] = []
    lanes.each(done.append, range(5))
    assert done == [0, 1, 2, 3, 4]
    assert held == []
    free.set()
    first.join(10)
    assert held == [True, True]


@pytest.mark.parametrize("failing", [0, 1])
def test_a_failure_ends_it_but_not_before_what_is_under_way_has_ended(failing: int) -> None:
    both, ended = threading.Barrier(2, timeout=10), list[int]()

    def do(task: int) -> None:
        if task < 2:
            both.wait()
        if task == failing:
            raise Trouble
        time.sleep(0.05)
        ended.append(task)

    with pytest.raises(Trouble):
        Lanes(helpers=1).each(do, range(9))
    assert ended == [1 - failing]


def test_after_a_failure_no_task_begins() -> None:
    begun: list[int] = []

    def do(task: int) -> None:
        begun.append(task)
        raise Trouble

    with pytest.raises(Trouble):
        Lanes(helpers=0).each(do, range(9))
    assert begun == [0]


def test_an_interrupted_caller_leaves_nothing_under_way() -> None:
    both, ended, caller = threading.Barrier(2, timeout=10), list[int](), threading.current_thread()

    def do(task: int) -> None:
        both.wait()
        if threading.current_thread() is caller:
            raise KeyboardInterrupt
        time.sleep(0.05)
        ended.append(task)

    with pytest.raises(KeyboardInterrupt):
        Lanes(helpers=1).each(do, range(2))
    assert len(ended) == 1
