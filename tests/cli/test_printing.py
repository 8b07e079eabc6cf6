"""What is printed is what was meant: no markup, no control sequences, no colour where nobody wants it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table

from cutover.cli.render import PIPE_WIDTH, Render

ROOT = Path(__file__).parent.parent.parent
NASTY = "[red]ann[/red] :smile: [/] {x}"


@pytest.fixture
def streams() -> tuple[io.StringIO, io.StringIO]:
    return io.StringIO(), io.StringIO()


@pytest.fixture
def render(streams: tuple[io.StringIO, io.StringIO]) -> Render:
    out, talk = streams
    return Render.of_process(out=out, talk=talk)


def test_markup_in_a_line_is_printed_as_it_stands(
    render: Render, streams: tuple[io.StringIO, io.StringIO]
) -> None:
    render.say(NASTY)
    assert streams[1].getvalue() == NASTY + "\n"


def test_markup_in_a_table_is_printed_as_it_stands(
    render: Render, streams: tuple[io.StringIO, io.StringIO]
) -> None:
    table = Table(title=NASTY)
    table.add_column(NASTY)
    table.add_row(NASTY)
    render.result("work", {}, text=table)
    assert streams[0].getvalue().count(NASTY) == 3


def test_a_control_sequence_in_data_cannot_steer_the_terminal(
    render: Render, streams: tuple[io.StringIO, io.StringIO]
) -> None:
    render.result("work", {}, text="ann\x1b[2J\x07\r")
    assert streams[0].getvalue() == "ann\N{REPLACEMENT CHARACTER}[2J" + "\N{REPLACEMENT CHARACTER}" * 2 + "\n"


def test_a_long_line_is_not_broken(render: Render, streams: tuple[io.StringIO, io.StringIO]) -> None:
    command = "cutover verify " + "--pair name " * PIPE_WIDTH
    render.say(command)
    assert streams[1].getvalue() == command + "\n"


def test_progress_in_a_log_is_a_line_every_ten_seconds(streams: tuple[io.StringIO, io.StringIO]) -> None:
    now = [0.0]
    out, talk = streams
    render = Render.of_process(out=out, talk=talk)
    render.clock = lambda: now[0]
    with render.progress("copying", 100) as bar:
        for second in range(1, 21):
            now[0] = float(second)
            bar.advance(2)
    assert talk.getvalue().splitlines() == [
        "copying: 20 of 100 (2/s, 40 s left)",
        "copying: 40 of 100 (2/s, 30 s left)",
    ]


PROGRAM = """
import sys
from cutover.cli.main import main
from tests.cli.verbs import verbs_of

def body(invocation):
    for _ in range(10_000):
        invocation.render.result("work", {"a": "b" * 100_000}, text="a line of data")

sys.exit(main(verbs=verbs_of(body)))
"""


def in_a_process(*words: str, stdout: int = subprocess.PIPE, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def without_a_reader(*words: str) -> tuple[int, str]:
    reading, writing = os.pipe()
    os.close(reading)
    process = in_a_process(*words, stdout=writing)
    os.close(writing)
    _, talk = process.communicate(timeout=60)
    return process.returncode, talk


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_reader_that_goes_away_ends_the_program_quietly(output: str) -> None:
    assert without_a_reader("work", "--output", output) == (1, "")


def test_an_error_that_nobody_reads_ends_the_program_without_a_traceback() -> None:
    code, talk = without_a_reader("--nonsense", "--output", "json")
    assert code == 1
    assert talk.splitlines() == ["error: No such option '--nonsense'.", " next: cutover --help"]


def test_a_pipe_gets_no_colour() -> None:
    out, talk = in_a_process("--nonsense").communicate(timeout=60)
    assert "\x1b" not in out + talk


def test_colour_can_be_forced() -> None:
    _, talk = in_a_process("--nonsense", FORCE_COLOR="1", NO_COLOR="").communicate(timeout=60)
    assert "\x1b[1;31m" in talk


def test_no_color_takes_the_colour_away() -> None:
    _, talk = in_a_process("--nonsense", FORCE_COLOR="1", NO_COLOR="1").communicate(timeout=60)
    assert "\x1b[1;31m" not in talk


def test_columns_says_how_wide_a_table_in_a_pipe_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = io.StringIO()
    table = Table("what")
    table.add_row("word " * 40)
    Render.of_process(out=out, talk=io.StringIO()).result("work", {}, text=table)
    assert max(len(line) for line in out.getvalue().splitlines()) == 40
