"""The options that every verb has, and what a verb is handed: one `Invocation`."""

from __future__ import annotations

import functools
import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import rich_click as click
from click.globals import get_current_context
from rich.prompt import Confirm, Prompt
from rich.text import Text

from cutover.aws.session import Aws
from cutover.aws.stack import read_deployment
from cutover.cli.render import Render
from cutover.cli.samconfig import read_samconfig
from cutover.cli.waits import Waits
from cutover.control.deployment import Deployment
from cutover.errors import Declined, UsageError


@dataclass(frozen=True)
class Frame:
    """What `main` gives to the verb that it runs."""

    render: Render
    waits: Waits = field(default_factory=Waits)


@dataclass
class Invocation:
    """Where the calls go, whom to talk to, and how much may be asked."""

    aws: Aws
    render: Render
    stack: str | None = None
    yes: bool = False
    no_input: bool = False
    given: tuple[str, ...] = ()
    """`--profile`, `--region` and `--endpoint-url` as they were typed, for the commands we print."""
    waits: Waits = field(default_factory=Waits)
    """For the pace of calls and of reads."""

    def deployment(self) -> Deployment:
        """The stack of `--stack`, or else of samconfig.toml."""
        return read_deployment(self.aws, self.stack or read_samconfig().stack())

    def confirm(self, question: str, *, typed: str | None = None) -> None:
        """Asks unless `--yes`; `typed` wants that very word back.

        Raises UsageError where nobody can answer, Declined on a no.
        """
        if self.yes:
            return
        if typed is None:
            agreed = self._ask(
                lambda: _YesOrNo.ask(Text(question), console=self.render.talk, default=False), question
            )
        else:
            asked = f"{question} Type {typed} to go on"
            agreed = self._ask(lambda: Prompt.ask(Text(asked), console=self.render.talk), question) == typed
        if not agreed:
            raise Declined("not agreed to: nothing was changed")

    def ask(self, question: str, *, default: str | None = None) -> str:
        """A line from the operator. Raises UsageError where nobody can answer."""
        answer = self._ask(
            lambda: Prompt.ask(
                Text(question), console=self.render.talk, default=default, show_default=bool(default)
            ),
            question,
        )
        return (answer or "").strip()

    def command(self, *words: str) -> str:
        """A `cutover` command for a person to copy, with this invocation's stack, profile and Region."""
        stack = ["--stack", self.stack] if self.stack else []
        return shlex.join(["cutover", *words, *stack, *self.given])

    def _ask(self, prompt: Callable[[], Any], question: str) -> Any:
        if self.no_input:
            raise _cannot_ask(question, "--no-input was given")
        try:
            return prompt()
        except EOFError:
            self.render.say("")
            raise _cannot_ask(question, "the input has ended") from None


class _YesOrNo(Confirm):
    """Takes the whole words too."""

    def process_response(self, value: str) -> bool:
        word = value.strip().lower()
        return super().process_response({"yes": "y", "no": "n"}.get(word, word))


def _cannot_ask(question: str, cause: str) -> UsageError:
    return UsageError(
        f"cannot ask: {question}",
        cause=cause,
        fix="give the answer as an option, or agree beforehand with --yes",
    )


def common_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --stack --profile --region --endpoint-url --output --yes --no-input; the verb's first argument
    is the `Invocation` made of them."""

    @click.option("--stack", help="The deployed stack. Default: the one samconfig.toml names.")
    @click.option("--profile", help="The AWS profile.")
    @click.option("--region", help="The AWS Region of the stack. Default: samconfig.toml's, then the SDK's.")
    @click.option("--endpoint-url", help="Another address for every AWS call.")
    @click.option(
        "--output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="JSON is one line on stdout.",
    )
    @click.option("--yes", is_flag=True, help="Agree to the plan beforehand.")
    @click.option("--no-input", is_flag=True, help="Never ask; fail where an answer is needed.")
    @click.pass_obj
    def with_invocation(
        frame: Frame,
        /,
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
        _refuse_no_numbers(get_current_context())
        aws = Aws(
            region=region or _region_of_samconfig(stack),
            profile=profile,
            endpoint_url=endpoint_url,
        )
        typed = {"--profile": profile, "--region": region, "--endpoint-url": endpoint_url}
        given = tuple(word for name, value in typed.items() if value for word in (name, value))
        invocation = Invocation(aws, frame.render, stack, yes, no_input, given, frame.waits)
        return verb(invocation, *arguments, **options)

    options = [*getattr(with_invocation, "__click_params__", []), *getattr(verb, "__click_params__", [])]
    wrapped: Any = functools.update_wrapper(with_invocation, verb)
    wrapped.__click_params__ = options
    return wrapped  # type: ignore[no-any-return]


def refuse_blank_reason(pause: str | None, example: str) -> None:
    """Of `--pause REASON`: without a reason nobody knows later whether to resume. Raises UsageError."""
    if pause is not None and not pause.strip():
        raise UsageError("--pause wants a reason", fix=f'say why, as --pause "{example}"')


LEAST, MOST = 1e-6, 1e12
"""Of units, seconds and shares: what is beyond was typed by mistake."""


def _refuse_no_numbers(context: click.Context) -> None:
    """Python reads `nan` and `inf` as numbers, and no range refuses them: nothing can be done at such a pace,
    the ledger takes none, and JSON has no word for them. Nor does it take what is beyond all sense."""
    for parameter in context.command.get_params(context):
        value = context.params.get(parameter.name or "")
        if isinstance(value, float) and not math.isfinite(value):
            raise click.BadParameter(f"{value} is not a number", ctx=context, param=parameter)
        if isinstance(value, float) and value and not LEAST <= abs(value) <= MOST:
            raise click.BadParameter(
                f"{value:g} is not from {LEAST:g} to {MOST:g}", ctx=context, param=parameter
            )


def _region_of_samconfig(stack: str | None) -> str | None:
    """The file's Region goes with the file's stack; another stack may stand in another Region."""
    config = read_samconfig()
    return config.text("region") if stack in (None, config.text("stack_name")) else None


dry_run_option = click.option("--dry-run", is_flag=True, help="Print the plan and change nothing.")
