"""Nothing is changed without a yes, and nothing waits for an answer that cannot come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import rich_click as click

from cutover.cli.options import Invocation, common_options
from tests.cli.verbs import Shell

CHANGED = "changed\n"


def asking(invocation: Invocation) -> None:
    invocation.confirm("Change the pool [bold]people[/bold]?")
    invocation.render.result("work", {}, text="changed")


def asking_for_a_word(invocation: Invocation) -> None:
    invocation.confirm("This cannot be undone.", typed="eu-west-1_new")
    invocation.render.result("work", {}, text="changed")


@pytest.mark.parametrize("answer", ["y\n", "yes\n", "Yes\n"])
def test_a_yes_goes_on(shell: Shell, answer: str) -> None:
    assert shell.work(asking, typed=answer).out == CHANGED


@pytest.mark.parametrize("answer", ["n\n", "no\n", "\n", "what\nn\n"])
def test_anything_else_changes_nothing(shell: Shell, answer: str) -> None:
    ran = shell.work(asking, typed=answer)
    assert (ran.code, ran.out) == (1, "")
    assert "nothing was changed" in ran.err


def test_the_question_is_talk_and_no_markup(shell: Shell) -> None:
    assert "[bold]people[/bold]" in shell.work(asking, typed="y\n").err


def test_yes_beforehand_asks_nothing(shell: Shell) -> None:
    assert shell.work(asking, "--yes").out == CHANGED


def test_no_input_fails_with_a_usage_error(shell: Shell) -> None:
    ran = shell.work(asking, "--no-input")
    assert (ran.code, ran.out) == (2, "")
    assert "--yes" in ran.err


def test_yes_and_no_input_go_together(shell: Shell) -> None:
    assert shell.work(asking, "--yes", "--no-input").code == 0


def test_an_ended_input_is_a_usage_error_and_no_hang(shell: Shell) -> None:
    ran = shell.work(asking, typed="")
    assert (ran.code, ran.out) == (2, "")


def test_the_very_word_is_wanted(shell: Shell) -> None:
    assert shell.work(asking_for_a_word, typed="eu-west-1_new\n").out == CHANGED


@pytest.mark.parametrize("answer", ["y\n", "\n", "eu-west-1_old\n"])
def test_another_word_changes_nothing(shell: Shell, answer: str) -> None:
    assert shell.work(asking_for_a_word, typed=answer).code == 1


def test_a_printed_command_can_be_run_as_it_stands(shell: Shell) -> None:
    def body(invocation: Invocation) -> None:
        invocation.render.result("work", {}, next_command=invocation.command("verify"))

    ran = shell.work(body, "--stack", "my stack", "--profile", "prod", "--region", "eu-west-1")
    assert "next: cutover verify --stack 'my stack' --profile prod --region eu-west-1" in ran.err


def test_the_region_of_samconfig_goes_with_its_stack(shell: Shell) -> None:
    Path("samconfig.toml").write_text(
        '[default.global.parameters]\nstack_name = "people"\n'
        '[default.deploy.parameters]\nregion = "eu-central-1"\n'
    )

    def body(invocation: Invocation) -> None:
        invocation.render.result("work", {"region": invocation.aws.region})

    words = ("--output", "json")
    assert shell.work(body, *words).envelope["data"] == {"region": "eu-central-1"}
    assert shell.work(body, "--stack", "people", *words).envelope["data"] == {"region": "eu-central-1"}
    assert shell.work(body, "--stack", "tables", *words).envelope["data"] == {"region": None}
    assert shell.work(body, "--region", "us-east-1", *words).envelope["data"] == {"region": "us-east-1"}


def test_a_samconfig_that_is_not_toml_is_a_usage_error(shell: Shell) -> None:
    Path("samconfig.toml").write_text("stack_name = ")
    ran = shell.work(lambda _: None)
    assert ran.code == 2
    assert "samconfig.toml is not TOML" in ran.err


def test_a_verbs_own_options_stand_above_or_below_the_common_ones(shell: Shell) -> None:
    own = click.option("--depth", type=int)

    def body() -> Any:
        def work(invocation: Invocation, depth: int) -> None:
            invocation.render.result("work", {"depth": depth, "yes": invocation.yes})

        return work

    for decorated in (common_options(own(body())), own(common_options(body()))):
        verbs = click.RichGroup("cutover", commands={"work": click.command("work")(decorated)})
        ran = shell.run("work", "--depth", "3", "--yes", "--output", "json", verbs=verbs)
        assert ran.envelope["data"] == {"depth": 3, "yes": True}


def test_an_error_after_an_unanswered_question_stands_on_a_line_of_its_own(shell: Shell) -> None:
    assert "\nerror: cannot ask" in shell.work(asking, typed="").err


def test_a_question_without_a_default_shows_none(shell: Shell) -> None:
    ran = shell.work(lambda invocation: invocation.ask("Which", default=""), typed="\n")
    assert ran.err == "Which: "
