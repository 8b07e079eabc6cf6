"""Tells the story to a person: scenes, sentences, commands. What was told is kept, and searched later."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

LONGEST_OUTPUT = 30
"""Lines of a command's output; the middle of a longer one is left out."""

WIDTH = 100
"""Longer lines are hard to read."""


class Narrator:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._scene = 0
        self.told: list[str] = []

    @property
    def columns(self) -> int:
        """How wide the output of a command may be, which is set back by two."""
        return self._console.width - 2

    def scene(self, title: str) -> None:
        self._scene += 1
        self.told.append(title)
        self._console.print()
        self._console.print(Rule(Text(f"{self._scene}. {title}", style="bold"), align="left"))

    def say(self, text: str) -> None:
        self.told.append(text)
        self._console.print(text, markup=False, highlight=False, width=min(self._console.width, WIDTH))

    def show(self, what: RenderableType) -> None:
        self._console.print(Padding(what, (1, 0, 1, 2)))

    def command(self, line: str) -> None:
        self.told.append(line)
        self._console.print(Text(f"$ {line}", style="bold cyan"), soft_wrap=True)

    def output(self, text: str) -> None:
        """What a command printed, set back a little."""
        self.told.append(text)
        lines = text.rstrip().splitlines()
        if len(lines) > LONGEST_OUTPUT:
            half = LONGEST_OUTPUT // 2
            left_out = f"… {len(lines) - 2 * half} lines left out …"
            lines = [*lines[:half], left_out, *lines[-half:]]
        for line in lines:
            for part in _broken(line, self.columns):
                self._console.print(Text(f"  {part}", style="dim"), soft_wrap=True)

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """A turning wheel on a terminal; nothing elsewhere."""
        if self._console.is_terminal:
            with self._console.status(escape(text)):
                yield
        else:
            yield


def _broken(line: str, columns: int) -> list[str]:
    """A line too long for the screen, broken between words; what follows stands under its words."""
    inset = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(
        line, columns, subsequent_indent=inset, break_long_words=False, break_on_hyphens=False
    ) or [""]
