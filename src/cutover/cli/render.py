"""The only printer: data on stdout, talk and progress on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TextIO

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from cutover.errors import CutoverError, InterlockRefused

SCHEMA_VERSION = 1
LINE_EVERY_SECONDS = 10.0


class Bar(Protocol):
    """A progress display: `advance` is cheap, may be called from several threads, and may carry a note."""

    def advance(self, done: float, *, total: float | None = None, note: str = "") -> None: ...


@dataclass
class Render:
    """`out` gets the data, `talk` everything else. In JSON mode the data is one envelope."""

    out: Console
    talk: Console
    json_output: bool = False
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def of_process(
        cls, *, json_output: bool = False, out: TextIO | None = None, talk: TextIO | None = None
    ) -> Render:
        """On the process's own streams; rich honours NO_COLOR and leaves colour out of a pipe."""
        return cls(
            Console(file=out or sys.stdout, soft_wrap=True, highlight=False),
            Console(file=talk or sys.stderr, highlight=False),
            json_output,
        )

    def say(self, what: RenderableType) -> None:
        """One line, table or panel of talk."""
        self.talk.print(what)

    def result(
        self,
        verb: str,
        data: Mapping[str, Any],
        *,
        text: RenderableType = "",
        next_command: str | None = None,
        ok: bool = True,
    ) -> None:
        """The verb's answer: the envelope in JSON mode, else `text` and the next command."""
        if self.json_output:
            self._envelope(verb, ok, data, next_command)
            return
        if text:
            self.out.print(text)
        if next_command:
            self.talk.print(f"next: {next_command}", markup=False)

    def error(self, verb: str, error: CutoverError) -> None:
        """The error on stderr with its cause, fix and next command, and as an envelope in JSON mode."""
        parts = {"cause": error.cause, "fix": error.fix, "next": error.next_command or ""}
        if self.json_output:
            data = {"error": type(error).__name__, "message": error.message, **parts}
            if isinstance(error, InterlockRefused):
                data["interlock"] = error.interlock
            self._envelope(verb, False, data, error.next_command)
        self.talk.print(f"error: {error.message}", style="bold red", markup=False)
        for name, value in parts.items():
            if value:
                self.talk.print(f"{name:>5}: {value}", markup=False)

    @contextmanager
    def progress(self, title: str, total: float | None = None) -> Iterator[Bar]:
        """A bar on a terminal; elsewhere a line every ten seconds."""
        if not self.talk.is_terminal:
            yield _Lines(self, title, total)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
        )
        with Progress(*columns, console=self.talk) as display:
            yield _RichBar(display, display.add_task(title, total=total, note=""))

    def _envelope(self, verb: str, ok: bool, data: Mapping[str, Any], next_command: str | None) -> None:
        envelope = {
            "schema_version": SCHEMA_VERSION,
            "verb": verb,
            "ok": ok,
            "data": data,
            "next": next_command,
        }
        self.out.file.write(json.dumps(envelope, default=str) + "\n")
        self.out.file.flush()


class _RichBar:
    def __init__(self, display: Progress, task: Any) -> None:
        self._display, self._task = display, task

    def advance(self, done: float, *, total: float | None = None, note: str = "") -> None:
        self._display.update(
            self._task, advance=done, note=note, **({} if total is None else {"total": total})
        )


class _Lines:
    def __init__(self, render: Render, title: str, total: float | None) -> None:
        self._render, self._title, self._total, self._done = render, title, total, 0.0
        self._last = render.clock()

    def advance(self, done: float, *, total: float | None = None, note: str = "") -> None:
        self._done += done
        self._total = self._total if total is None else total
        if self._render.clock() - self._last >= LINE_EVERY_SECONDS:
            self._last = self._render.clock()
            of = f" of {self._total:,.0f}" if self._total else ""
            self._render.talk.print(f"{self._title}: {self._done:,.0f}{of} {note}".rstrip(), markup=False)
