"""`--output json` writes one envelope to stdout, whatever happens, and never a word beside it."""

from __future__ import annotations

from typing import Any

import pytest

from cutover import errors
from cutover.cli.options import Invocation
from tests.cli.verbs import Shell


def talkative(invocation: Invocation) -> int:
    invocation.render.say("reading the pool")
    with invocation.render.progress("scanning", 10) as bar:
        bar.advance(10)
    invocation.render.result("work", {"items": 3}, text="3 items", next_command="cutover verify")
    return 0


def test_an_answer_is_the_envelope(shell: Shell) -> None:
    assert shell.work(talkative, "--output", "json").envelope == {
        "schema_version": 1,
        "verb": "work",
        "ok": True,
        "data": {"items": 3},
        "next": "cutover verify",
    }


def test_talk_stays_on_stderr(shell: Shell) -> None:
    ran = shell.work(talkative, "--output=json")
    assert ran.envelope["ok"] is True
    assert "reading the pool" in ran.err


def test_text_output_has_the_data_on_stdout_and_the_next_command_on_stderr(shell: Shell) -> None:
    ran = shell.work(talkative)
    assert ran.out == "3 items\n"
    assert ran.err.splitlines()[-1] == "next: cutover verify"


def test_an_error_is_an_envelope_with_cause_fix_and_next(shell: Shell) -> None:
    def body(invocation: Invocation) -> None:
        raise errors.InterlockRefused(
            "mirror_lag", "the mirror lags", cause="41 s", fix="wait", next_command="cutover status"
        )

    envelope = shell.work(body, "--output", "json").envelope
    assert envelope == {
        "schema_version": 1,
        "verb": "work",
        "ok": False,
        "data": {
            "error": "InterlockRefused",
            "message": "the mirror lags",
            "cause": "41 s",
            "fix": "wait",
            "next": "cutover status",
            "exit_code": 4,
            "interlock": "mirror_lag",
        },
        "next": "cutover status",
    }


@pytest.mark.parametrize(
    "words",
    [
        ("work", "--nonsense"),
        ("work", "--region"),
        ("work", "surplus"),
        ("nosuchverb",),
        ("--stack", "x", "work"),
    ],
    ids=" ".join,
)
def test_a_usage_error_is_an_envelope_too(shell: Shell, words: tuple[str, ...]) -> None:
    from tests.cli.verbs import verbs_of

    ran = shell.run(*words, "--output", "json", verbs=verbs_of(talkative))
    assert ran.code == 2
    assert ran.envelope["ok"] is False
    assert ran.envelope["data"]["error"] == "UsageError"
    assert ran.envelope["next"].startswith("cutover ")
    assert ran.envelope["next"].endswith("--help")


def test_an_output_that_does_not_exist_is_a_usage_error(shell: Shell) -> None:
    ran = shell.work(talkative, "--output", "yaml")
    assert (ran.code, ran.out) == (2, "")


def test_the_last_output_option_counts(shell: Shell) -> None:
    assert shell.work(talkative, "--output", "json", "--output", "text").out == "3 items\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ZeroDivisionError()], ids=["interrupted", "a defect"])
def test_every_end_is_an_envelope(shell: Shell, error: BaseException) -> None:
    def body(invocation: Invocation) -> None:
        raise error

    assert shell.work(body, "--output", "json").envelope["ok"] is False


def test_there_is_never_a_second_envelope(shell: Shell) -> None:
    def body(invocation: Invocation) -> Any:
        invocation.render.result("work", {"different": 2}, ok=False)
        raise errors.DifferencesFound("2 items differ")

    ran = shell.work(body, "--output", "json")
    assert ran.code == 3
    assert ran.envelope["data"] == {"different": 2}
    assert "2 items differ" in ran.err
