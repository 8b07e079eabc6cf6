"""A command line of made-up verbs, to see what the frame does with each way a verb can end."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

import rich_click as click

from cutover.cli.main import cli, main
from cutover.cli.options import Invocation, common_options
from cutover.cli.waits import Waits
from tests.fakes.clocks import LapseClock


def verbs_of(body: Callable[[Invocation], Any]) -> click.RichGroup:
    """A group with the one verb `work`, which runs `body`."""

    @click.command("work")
    @common_options
    def work(invocation: Invocation) -> Any:
        """Does some work."""
        return body(invocation)

    group = click.RichGroup("cutover", help="A command line.")
    group.add_command(work)
    return group


@dataclass(frozen=True)
class Ran:
    """How one run ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def envelope(self) -> dict[str, Any]:
        lines = self.out.splitlines()
        assert len(lines) == 1, f"expected one JSON line on stdout, found {lines}"
        envelope: dict[str, Any] = json.loads(lines[0])
        return envelope


class Shell:
    """Runs the command line in this process, with its streams under our eyes.

    Nobody waits long for a pace: a sleep moves `clock`.
    """

    def __init__(self, monkeypatch: Any, capsys: Any) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.clock = LapseClock()

    def run(self, *words: str, verbs: click.Command | None = None, typed: str | TextIO = "") -> Ran:
        answers = io.StringIO(typed) if isinstance(typed, str) else typed
        self._monkeypatch.setattr("sys.stdin", answers)
        self._capsys.readouterr()
        waits = Waits(self.clock, self.clock.sleep)
        code = main(list(words), verbs=verbs or cli, waits=waits)
        written = self._capsys.readouterr()
        return Ran(code, written.out, written.err)

    def work(self, body: Callable[[Invocation], Any], *words: str, typed: str = "") -> Ran:
        return self.run("work", *words, verbs=verbs_of(body), typed=typed)
