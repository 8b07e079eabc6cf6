"""The options that every verb has, and what a verb is handed: one `Invocation`."""

from __future__ import annotations

import functools
import shlex
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rich_click as click

from cutover.aws.session import Aws
from cutover.aws.stack import read_deployment
from cutover.cli.render import Render
from cutover.control.deployment import Deployment
from cutover.errors import UsageError


@dataclass
class Invocation:
    """Where the calls go, whom to talk to, and how much may be asked."""

    aws: Aws
    render: Render
    stack: str | None = None
    yes: bool = False
    no_input: bool = False

    def deployment(self) -> Deployment:
        """The stack of `--stack`, or else of samconfig.toml."""
        return read_deployment(self.aws, self.stack or stack_of_samconfig(Path("samconfig.toml")))

    def confirm(self, question: str, *, typed: str | None = None) -> None:
        """Asks unless `--yes`; `typed` wants that very word back. Raises UsageError under `--no-input`,
        click.Abort on a no."""
        if self.yes:
            return
        if self.no_input:
            raise UsageError(
                f"cannot ask: {question}", cause="--no-input was given", fix="add --yes to agree beforehand"
            )
        if typed is None:
            click.confirm(question, abort=True, err=True)
        elif click.prompt(f"{question} Type {typed} to go on", err=True, default="") != typed:
            raise click.Abort

    def command(self, *words: str) -> str:
        """A `cutover` command for a person to copy, with this invocation's stack."""
        return shlex.join(["cutover", *words, *(["--stack", self.stack] if self.stack else [])])


def stack_of_samconfig(path: Path) -> str:
    """The stack's name in samconfig.toml's default environment. Raises UsageError where there is none."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
        return str(settings["default"]["global"]["parameters"]["stack_name"])
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            "no stack is named",
            cause=f"{path} names none ({type(error).__name__})",
            fix="give --stack NAME, or write samconfig.toml with the init verb",
            next_command="cutover init",
        ) from error


def common_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --stack --profile --region --endpoint-url --output --yes --no-input; the verb's first argument
    is the `Invocation` made of them."""

    @click.option("--stack", help="The deployed stack. Default: the one samconfig.toml names.")
    @click.option("--profile", help="The AWS profile.")
    @click.option("--region", help="The AWS Region of the stack.")
    @click.option("--endpoint-url", help="Another address for every AWS call.")
    @click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
    @click.option("--yes", is_flag=True, help="Agree to the plan beforehand.")
    @click.option("--no-input", is_flag=True, help="Never ask; fail where an answer is needed.")
    @click.pass_obj
    def with_invocation(
        render: Render,
        *arguments: Any,
        stack: str | None,
        profile: str | None,
        region: str | None,
        endpoint_url: str | None,
        output: str,  # noqa: ARG001 - read by main before parsing, so that usage errors honour it too
        yes: bool,
        no_input: bool,
        **options: Any,
    ) -> Any:
        aws = Aws(region=region, profile=profile, endpoint_url=endpoint_url)
        return verb(Invocation(aws, render, stack, yes, no_input), *arguments, **options)

    return functools.update_wrapper(with_invocation, verb)


dry_run_option = click.option("--dry-run", is_flag=True, help="Print the plan and change nothing.")
