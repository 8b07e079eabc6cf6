"""Ctrl-C: the first one ends a verb in order, the second one at once."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from cutover.errors import Interrupted

SHOW_CURSOR = "\x1b[?25h\r\n"
"""A progress bar hides the cursor, and nobody would show it again."""


@contextmanager
def two_interrupts(arguments: Sequence[str]) -> Iterator[None]:
    """The first SIGINT is a KeyboardInterrupt, the next one ends the process with 130 and one line.

    `arguments` are those of the command that goes on. What was under way is left as by a kill: its keys are
    pending in the ledger, its lease runs out. After a first one the process ends, so the second keeps its
    meaning while that takes. Where SIGINT is ignored already, and in other threads than the main one, nothing
    is changed.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is not signal.default_int_handler:
        yield
        return

    def second(_signal: int, _frame: FrameType | None) -> None:
        end_at_once(arguments)

    def first(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, second)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is first:
            signal.signal(signal.SIGINT, before)


def end_at_once(arguments: Sequence[str]) -> NoReturn:
    """Neither waits for threads nor for what is buffered: nothing after this can be interrupted again."""
    left = "keys and a lease may be left in the ledger, and the next run settles them"
    line = f"ended at once: {left}; go on with {shlex.join(['cutover', *arguments])}"
    cursor = SHOW_CURSOR if sys.stderr.isatty() else ""
    os.write(sys.stderr.fileno(), f"{cursor}{line}\n".encode())
    os._exit(Interrupted.exit_code)
