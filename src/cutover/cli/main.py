"""`cutover VERB`: dispatch, and the one place where an error becomes a text and an exit code."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Sequence
from typing import Any

import rich_click as click

from cutover import __version__
from cutover.aws.faults import as_cutover_error
from cutover.cli.render import Render
from cutover.errors import CutoverError

VERBS = ("init", "attach", "detach", "backfill", "verify", "status", "rehearse")
INTERRUPTED = 130


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


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code (0 done, 1 error, 2 usage, 3 differences, 4 refused, 5 AWS,
    6 partly done, 130 interrupted)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    render = Render.of_process(json_output=_wants_json(arguments))
    verb = next((word for word in arguments if not word.startswith("-")), "")
    try:
        result = cli.main(arguments, prog_name="cutover", standalone_mode=False, obj=render)
    except click.exceptions.Abort:
        return _interrupted(render)
    except KeyboardInterrupt:
        return _interrupted(render)
    except click.ClickException as error:
        error.show()
        return 2
    except Exception as error:
        known = error if isinstance(error, CutoverError) else as_cutover_error(error)
        if known is None:
            raise
        render.error(verb, known)
        return known.exit_code
    return result if isinstance(result, int) else 0


def _interrupted(render: Render) -> int:
    render.say("interrupted")
    return INTERRUPTED


def _wants_json(arguments: list[str]) -> bool:
    return "--output=json" in arguments or ("--output", "json") in itertools.pairwise(arguments)
