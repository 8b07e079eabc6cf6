"""The only printer: data on stdout, talk and progress on stderr.

What stands in a user's data is never read as markup, an emoji code or a terminal's control sequence.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.live import Live

from cutover.cli.progress import Bar, bar_on_terminal, lines
from cutover.errors import CutoverError, InterlockRefused

SCHEMA_VERSION = 1
PIPE_WIDTH = 120
"""Columns of a table that goes to a file or a pipe, where neither a terminal nor COLUMNS says how wide."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass
class Render:
    """`out` gets the data, `talk` everything else. In JSON mode the data is one envelope, and only one."""

    out: Console
    talk: Console
    json_output: bool = False
    clock: Callable[[], float] = time.monotonic
    _answered: bool = field(default=False, init=False)

    @classmethod
    def of_process(
        cls, *, json_output: bool = False, out: TextIO | None = None, talk: TextIO | None = None
    ) -> Render:
        """On the process's own streams; rich honours NO_COLOR and leaves colour out of a pipe."""
        return cls(_console(out or sys.stdout), _console(talk or sys.stderr), json_output)

    def say(self, what: RenderableType) -> None:
        """One line, table or panel of talk. A string is printed as it stands, without markup."""
        _print(self.talk, what)

    def data(self, text: str) -> None:
        """Data that is there before the verb has ended. In JSON mode the envelope has it too, at the end."""
        _print(self.talk if self.json_output else self.out, text)

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
            _print(self.out, text)
        if next_command:
            _print(self.talk, f"next: {next_command}")

    def error(self, verb: str, error: CutoverError) -> None:
        """The error on stderr with its cause, fix and next command, and as an envelope in JSON mode."""
        parts = {"cause": error.cause, "fix": error.fix, "next": error.next_command or ""}
        code = f" ({error.interlock})" if isinstance(error, InterlockRefused) else ""
        _print(self.talk, f"error: {error.message}{code}", style="bold red")
        for name, value in parts.items():
            if value:
                _print(self.talk, f"{name:>5}: {value}")
        if self.json_output:
            data: dict[str, Any] = {"error": type(error).__name__, "message": error.message, **parts}
            data["exit_code"] = error.exit_code
            if isinstance(error, InterlockRefused):
                data["interlock"] = error.interlock
            self._envelope(verb, False, data, error.next_command)

    @contextmanager
    def progress(self, title: str, total: float | None = None) -> Iterator[Bar]:
        """A bar with rate and time left on a terminal; elsewhere a line every ten seconds."""
        if not self.talk.is_terminal:
            yield lines(self.say, self.clock, title, total)
            return
        with bar_on_terminal(self.talk, title, total) as bar:
            yield bar

    @contextmanager
    def live(self) -> Iterator[Callable[[RenderableType, Sequence[str]], None]]:
        """Shows data that changes: in place on a terminal, elsewhere the lines that stand for it."""
        if not self.out.is_terminal:
            yield lambda _, said: self.data("\n".join(said))
            return
        with Live(console=self.out, auto_refresh=False) as shown:
            yield lambda what, _: shown.update(what, refresh=True)

    def _envelope(self, verb: str, ok: bool, data: Mapping[str, Any], next_command: str | None) -> None:
        """Whoever answers first is the answer: an error behind a result stays on stderr."""
        if self._answered:
            return
        self._answered = True
        envelope = {
            "schema_version": SCHEMA_VERSION,
            "verb": verb,
            "ok": ok,
            "data": data,
            "next": next_command,
        }
        self.out.file.write(json.dumps(envelope, default=str) + "\n")
        self.out.file.flush()


def _console(file: TextIO) -> Console:
    told = file.isatty() or os.environ.get("COLUMNS", "").isdigit()
    width = None if told else PIPE_WIDTH
    return Console(file=file, width=width, markup=False, emoji=False, highlight=False)


def printable(text: str) -> str:
    """The text without what a terminal would obey."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def _print(console: Console, what: RenderableType, *, style: str | None = None) -> None:
    """Lines are never wrapped, so that a command can be copied; tables are laid out to the width."""
    if isinstance(what, str):
        console.print(printable(what), style=style, soft_wrap=True)
    else:
        console.print(what)
