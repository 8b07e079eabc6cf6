"""`cutover rehearse`: a whole migration on this machine, with made-up people and items."""

from __future__ import annotations

import contextlib
import secrets
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import rich_click as click

from cutover.cli.render import Render
from cutover.errors import CutoverError, UsageError

DEFAULT_SEED = 2019


@click.command("rehearse")
@click.option("--keep", is_flag=True, help="Leave the local stack running and print how to talk to it.")
@click.option("--people", type=click.IntRange(min=60), default=220, show_default=True, help="Made-up people.")
@click.option(
    "--items", type=click.IntRange(min=50), default=5000, show_default=True, help="Items in each table."
)
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, help="Another seed, other data.")
@click.option("--template", type=click.Path(path_type=Path), help="Default: the checkout's template.yaml.")
@click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="JSON is one line.",
)
@click.option("--enforce-iam", is_flag=True, hidden=True, help="The emulator checks every permission.")
@click.pass_obj
def command(
    render: Render,
    keep: bool,
    people: int,
    items: int,
    seed: int,
    template: Path | None,
    output: str,  # noqa: ARG001 - read by main before parsing
    enforce_iam: bool,
) -> int:
    """Watch a whole migration on this machine: no AWS account, no Docker, under three minutes.

    An emulator stands in for AWS. The template, the functions and the commands are the real ones; nothing
    outside this machine is called, and nothing is left behind.
    """
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
