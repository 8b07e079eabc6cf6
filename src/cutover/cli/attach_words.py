"""The words of attach: what was typed, and what to type next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutover.aws.index_building import WRITE_UNITS
from cutover.cli.options import Invocation
from cutover.control.attach_plan import AttachPlan
from cutover.control.deployment import Deployment
from cutover.errors import UsageError

CALLS_PER_SECOND = 5.0
_POOLS = {"--new-pool": "NewUserPoolId", "--old-pool": "OldUserPoolId", "--old-client": "OldClientId"}


def check_words(options: Mapping[str, Any]) -> None:
    """Raises UsageError for words that do not go together."""
    if options["no_wait"] and not options["print_for"]:
        raise UsageError("--no-wait waits for nothing", fix="give it with --print")
    if options["print_for"] and options["add_attribute"]:
        raise UsageError(
            "--add-attribute changes the pool, and --print leaves that to the pool's own code",
            fix="add the attribute there, as an immutable string, then run attach --print without the word",
        )


def next_of(
    invocation: Invocation, deployment: Deployment, plan: AttachPlan, given: tuple[str, ...]
) -> str | None:
    """The same command with the words that would pass what refuses it, where words can; where the stack has
    to be deployed otherwise first, the command that says so to its configuration."""
    if not plan.refusals:
        return invocation.command("attach", *given) if plan.steps else None
    parameters = {name: value for one in plan.refusals for name, value in one.parameters.items()}
    if parameters:
        return invocation.command("init", *_deployed_with(deployment, parameters))
    if not all(refusal.options for refusal in plan.refusals):
        return None
    words = [word for refusal in plan.refusals for word in refusal.options]
    return invocation.command("attach", *given, *words, "--dry-run")


def given_words(options: Mapping[str, Any]) -> tuple[str, ...]:
    """What was typed, for the next command."""
    flags = (
        "without_guard",
        "without_claims",
        "add_attribute",
        "allow_taken_names",
        "old_sign_up_open",
        "skip_name_check",
        "rebuild_index",
        "show_users",
    )
    values = {name: options[name] for name in ("old_profile", "snapshot_file") if options[name]}
    if options["index_write_units"] != WRITE_UNITS:
        values["index_write_units"] = f"{options['index_write_units']:g}"
    if options["calls_per_second"] != CALLS_PER_SECOND:
        values["calls_per_second"] = f"{options['calls_per_second']:g}"
    return (
        *(("--print", options["print_for"]) if options["print_for"] else ()),
        *(word for client in options["clients"] for word in ("--client", client)),
        *(word for name, value in values.items() for word in (f"--{name.replace('_', '-')}", value)),
        *(f"--{name.replace('_', '-')}" for name in flags if options[name]),
    )


def _deployed_with(deployment: Deployment, parameters: Mapping[str, str]) -> list[str]:
    named = {option: deployment.parameter(name) for option, name in _POOLS.items()}
    given = [word for option, value in named.items() if value for word in (option, value)]
    return [*given, *(word for name, value in parameters.items() for word in ("--set", f"{name}={value}"))]
