"""Waiting for threads: somebody has to look round while they work, and to stop all when one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from typing import Any

from cutover.tables.patience import Stopped


def attend(
    futures: Sequence[Future[Any]], *, halt: Callable[[], None], tick: Callable[[], None], seconds: float
) -> None:
    """Returns when all have ended; calls `tick` every so many seconds meanwhile.

    A failure of one, and whatever interrupts the caller, calls `halt` and still waits for the others. Raises
    what went wrong first; that others were stopped for it comes last.
    """
    open_: set[Future[Any]] = set(futures)
    try:
        while open_:
            done, open_ = wait(open_, timeout=seconds, return_when=FIRST_EXCEPTION)
            if any(future.exception() for future in done):
                halt()
            tick()
    except BaseException:
        halt()
        while open_:
            _, open_ = wait(open_, timeout=seconds)
            tick()
        raise
    _raise_first(futures)


def _raise_first(futures: Iterable[Future[Any]]) -> None:
    errors = [error for future in futures if (error := future.exception()) is not None]
    for error in sorted(errors, key=lambda error: isinstance(error, Stopped)):
        raise error
