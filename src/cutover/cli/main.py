"""`cutover VERB`: dispatch, and the one place where an error becomes a text and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import rich_click as click
from click.exceptions import Abort, ClickException

from cutover import __version__
from cutover.cli.failures import as_operator_error, as_usage_error, defect, interrupted
from cutover.cli.interrupts import two_interrupts
from cutover.cli.options import Frame
from cutover.cli.render import Render
from cutover.cli.waits import Waits
from cutover.errors import CutoverError

VERBS = (
    "init",
    "doctor",
    "attach",
    "detach",
    "simulate",
    "backfill",
    "verify",
    "redrive",
    "pace",
    "rollout",
    "release",
    "export-users",
    "import-users",
    "status",
    "rehearse",
)


class Verbs(click.RichGroup):
    """Finds a verb in the file of its name, so that `cutover status` does not load what `rehearse` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        return importlib.import_module(f"cutover.cli.{cmd_name.replace('-', '_')}").command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cutover")
def cli() -> None:
    """Move a live Cognito user pool and its DynamoDB tables to new ones, without a pause.

    The deployed stack is the configuration: every verb reads its parameters and outputs.
    """


def main(argv: Sequence[str] | None = None, *, verbs: click.Command = cli, waits: Waits | None = None) -> int:
    """Run one of `verbs` and return its exit code (0 done, 1 error, 2 usage, 3 differences, 4 refused,
    5 AWS, 6 partly done, 130 interrupted). `waits` None: by the machine's clock."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    render = Render.of_process(json_output=_wants_json(arguments))
    verb = next((word for word in arguments if not word.startswith("-")), "")
    try:
        with two_interrupts(arguments):
            return _run(verbs, arguments, verb, Frame(render, waits or Waits()))
    except KeyboardInterrupt:
        return _failed(render, verb, interrupted())
    except BrokenPipeError:
        _silence_stdout()
        return CutoverError.exit_code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else CutoverError.exit_code


def _run(verbs: click.Command, arguments: list[str], verb: str, frame: Frame) -> int:
    render = frame.render
    try:
        result = verbs.main(arguments, prog_name="cutover", standalone_mode=False, obj=frame)
    except Abort:
        return _failed(render, verb, interrupted())
    except ClickException as error:
        return _failed(render, verb, as_usage_error(error))
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the frame: whatever is raised becomes a text and a code
        known = as_operator_error(error)
        if known is None:
            render.say(traceback.format_exc())
            known = defect(error)
        return _failed(render, verb, known)
    return result if isinstance(result, int) and not isinstance(result, bool) else 0


def _failed(render: Render, verb: str, error: CutoverError) -> int:
    render.error(verb, error)
    return error.exit_code


def _silence_stdout() -> None:
    """The reader of our pipe is gone: nothing more can be said there, nor at the interpreter's last flush.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _wants_json(arguments: list[str]) -> bool:
    """Read before parsing, so that an error of parsing is JSON too; as in click, the last one counts."""
    wanted = False
    for word, following in zip(arguments, [*arguments, ""][1:], strict=True):
        if word == "--output":
            wanted = following == "json"
        elif word.startswith("--output="):
            wanted = word == "--output=json"
    return wanted
