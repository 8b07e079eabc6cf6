"""How long it will take: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

LINE_EVERY_SECONDS = 10.0


class Bar(Protocol):
    """A progress display: `advance` is cheap, may be called from several threads, and may carry a note."""

    def advance(self, done: float, *, total: float | None = None, note: str = "") -> None: ...


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


@contextmanager
def bar_on_terminal(console: Console, title: str, total: float | None) -> Iterator[Bar]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=console) as display:
        yield _RichBar(display, display.add_task(title, total=total, note=""))


def lines(say: Callable[[str], None], clock: Callable[[], float], title: str, total: float | None) -> Bar:
    """A line every ten seconds at most: done, of how many, rate, time left."""
    return _Lines(say, clock, title, total, clock(), clock())


@dataclass
class _RichBar:
    display: Progress
    task: TaskID

    def advance(self, done: float, *, total: float | None = None, note: str = "") -> None:
        if total is not None:
            self.display.update(self.task, total=total)
        self.display.update(self.task, advance=done, note=note)


@dataclass
class _Lines:
    say: Callable[[str], None]
    clock: Callable[[], float]
    title: str
    total: float | None
    began: float
    last: float
    done: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, done: float, *, total: float | None = None, note: str = "") -> None:
        with self.lock:
            self.done += done
            self.total = self.total if total is None else total
            now = self.clock()
            if now - self.last >= LINE_EVERY_SECONDS:
                self.last = now
                self.say(" ".join(part for part in (f"{self.title}:", self._where(now), note) if part))

    def _where(self, now: float) -> str:
        of = f" of {self.total:,.0f}" if self.total else ""
        rate = self.done / (now - self.began) if now > self.began else 0.0
        left = f", {(self.total - self.done) / rate:,.0f} s left" if self.total and rate else ""
        return f"{self.done:,.0f}{of} ({rate:,.0f}/s{left})"
