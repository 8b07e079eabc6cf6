"""`cutover rehearse`: a whole migration on this machine, with made-up people and items."""

from __future__ import annotations

import contextlib
import secrets
import shlex
import signal
import sys
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import rich_click as click
from click.core import ParameterSource

from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.rehearse_sample import rehearse_sample
from cutover.cli.render import Render
from cutover.cli.table_access import access_options
from cutover.errors import CutoverError, UsageError

DEFAULT_SEED = 2019
COMMANDLINE = ParameterSource.COMMANDLINE


STORY = ("keep", "people", "items", "seed", "template")
SAMPLE = (
    *("pairs", "tables", "source_role", "target_role", "sample_units", "keys_only", "masked", "dry_run"),
    *("stack", "profile", "region", "endpoint_url"),
)


@click.command("rehearse")
@click.option("--keep", is_flag=True, help="Leave the local stack running and print how to talk to it.")
@click.option("--people", type=click.IntRange(min=60), default=220, show_default=True, help="Made-up people.")
@click.option(
    "--items", type=click.IntRange(min=50), default=5000, show_default=True, help="Items in each table."
)
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, help="Another seed, other data.")
@click.option("--template", type=click.Path(path_type=Path), help="Default: the checkout's template.yaml.")
@click.option("--enforce-iam", is_flag=True, hidden=True, help="The emulator checks every permission.")
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    help="Instead: run the transforms on so many items of each real source table.",
)
@click.option("--pair", "pairs", multiple=True, help="With --sample: only this pair, by its id. Repeatable.")
@click.option("--table", "tables", multiple=True, help="With --sample: only the pair with this table.")
@click.option("--keys-only", is_flag=True, help="With --sample: show the keys alone.")
@click.option("--masked", is_flag=True, help="With --sample: show types and sizes in the place of values.")
@access_options
@dry_run_option
@common_options
def command(invocation: Invocation, **options: Any) -> int:
    """Watch a whole migration on this machine: no AWS account, no Docker, under three minutes.

    An emulator stands in for AWS. The template, the functions and the commands are the real ones; nothing
    outside this machine is called, and nothing is left behind.

    With --sample N nothing of that happens: some items of each source table of the deployed stack are read
    and put through the pair's transform, and shown before and after. Nothing is written. Exit code 3 says
    that some could not go over, or not come back.
    """
    if options["sample"]:
        _refuse(STORY, "--sample", "leave it out")
        return rehearse_sample(invocation, options)
    _refuse(SAMPLE, "a rehearsal on this machine", "add --sample, or leave it out")
    return _play(invocation.render, **{name: options[name] for name in (*STORY, "enforce_iam")})


def _refuse(names: tuple[str, ...], what: str, fix: str) -> None:
    """Raises UsageError where one of these options was typed."""
    context = typing.cast(click.Context, click.get_current_context())
    for option in context.command.params:
        if option.name in names and context.get_parameter_source(option.name) is COMMANDLINE:
            raise UsageError(f"{option.opts[0]} does not go with {what}", fix=fix)


def _play(
    render: Render,
    *,
    keep: bool,
    people: int,
    items: int,
    seed: int,
    template: Path | None,
    enforce_iam: bool,
) -> int:
    try:
        from cutover.rehearsal.deploy import find_template
        from cutover.rehearsal.local import start_local_stack
        from cutover.rehearsal.story.narrator import Narrator
        from cutover.rehearsal.story.play import play
        from cutover.rehearsal.story.stage import Size, Stage
    except ImportError as error:
        raise UsageError(
            "the rehearsal needs more than the command line",
            cause=str(error),
            fix="pip install 'cutover[rehearse]'",
        ) from error
    found = find_template(template)
    with _ended_by_term(), start_local_stack(enforce_iam=enforce_iam) as local:
        narrator = Narrator(render.talk)
        stage = Stage(local, narrator, found, Size(people, items), f"canary{secrets.token_hex(6)}", seed)
        try:
            ending = play(stage)
        except Exception:
            narrator.show(stage.checks.table())
            raise
        finally:
            stage.close()
        return _end(render, ending, local if keep else None)


def _end(render: Render, ending: Any, kept: Any) -> int:
    checks = ending.checks
    wrong = sum(not row.ok for row in checks.rows)
    data = ending.as_json()
    if kept:
        stop = kept.keep()
        data["stack"] = {"environment": kept.environment(), "stop": stop}
    render.result("rehearse", data, text=checks.table(), ok=checks.ok)
    verdict = "every check held" if checks.ok else f"{wrong} of {len(checks.rows)} checks FAILED"
    render.say(f"{len(checks.rows)} checks in {ending.seconds:.0f} seconds: {verdict}")
    if kept:
        render.say(_how_to_talk_to(kept.environment(), data["stack"]["stop"]))
    return 0 if checks.ok else CutoverError.exit_code


def _how_to_talk_to(environment: Mapping[str, str], stop: str) -> str:
    program = Path(sys.argv[0])
    cutover = shlex.quote(str(program.absolute())) if program.name == "cutover" else "cutover"
    return "\n".join(
        [
            "",
            "The local stack stays up. To talk to it:",
            *(f"  export {name}={value}" for name, value in environment.items()),
            f"  {cutover} status --stack rehearsal",
            "To stop it, and to remove everything of it:",
            f"  {stop}",
        ]
    )


@contextlib.contextmanager
def _ended_by_term() -> Iterator[None]:
    """A SIGTERM ends the story as Ctrl-C does, so that nothing is left behind."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
