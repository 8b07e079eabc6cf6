"""The real command line, run as an operator runs it: a process, arguments, an environment, an exit code."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover.rehearsal.story.narrator import Narrator

_RUN = "import sys; from cutover.cli import main; sys.exit(main())"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    """What it printed; of `run` with what it said on standard error, in the order of a terminal."""

    @property
    def data(self) -> dict[str, Any]:
        """The `data` of the envelope; empty where the verb printed none."""
        try:
            return dict(json.loads(self.out)["data"])
        except (ValueError, KeyError):
            return {}


@dataclass(frozen=True)
class CommandLine:
    """`environment` says where AWS is; `folder` is where files go that a verb writes by itself."""

    environment: Mapping[str, str]
    folder: Path
    narrator: Narrator

    def run(self, *words: str) -> Outcome:
        """Runs `cutover WORDS`, and shows the command and what it printed."""
        self.narrator.command(shlex.join(["cutover", *words]))
        with self.narrator.waiting("…"):
            outcome = self._process(words, subprocess.STDOUT)
        self.narrator.output(outcome.out)
        return outcome

    def ask(self, *words: str) -> Outcome:
        """Runs it without showing anything."""
        return self._process(words, subprocess.DEVNULL)

    def _process(self, words: tuple[str, ...], errors: int) -> Outcome:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = {
            **inherited,
            **self.environment,
            "NO_COLOR": "1",
            "COLUMNS": str(self.narrator.columns),
            "PYTHONUNBUFFERED": "1",
            "XDG_STATE_HOME": str(self.folder),
        }
        done = subprocess.run(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", _RUN, *words],
            env=environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)
