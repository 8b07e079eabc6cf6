"""`cutover init`: look at what is to be moved, switch the source streams on, write samconfig.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rich_click as click

from cutover.aws.init_reader import check_secret, read_client, read_pool, read_table
from cutover.aws.session import Aws
from cutover.aws.stream_switch import enable_stream
from cutover.cli.init_questions import Named, ask_missing
from cutover.cli.init_view import plan_data, plan_view
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.samconfig import SAMCONFIG, read_samconfig
from cutover.cli.samconfig_edit import (
    Edit,
    check_writable,
    edit,
    held_parameters,
    without_overrides,
    write,
)
from cutover.control.init_facts import InitFacts, PairTables
from cutover.control.init_plan import InitPlan, plan_init
from cutover.control.parameters import check_parameter
from cutover.errors import InterlockRefused, UsageError

DEFAULT_STACK = "cutover"
STREAM_VIEW = "NEW_AND_OLD_IMAGES"


@click.command("init")
@click.option("--new-pool", help="The user pool that people move to.")
@click.option("--old-pool", help="The user pool that people come from.")
@click.option("--old-client", help="The old pool's app client for the migration.")
@click.option("--old-client-secret-arn", help="The Secrets Manager secret that holds that client's secret.")
@click.option("--old-profile", help="The AWS profile that may look at the old pool.")
@click.option("--table", "tables", multiple=True, metavar="SOURCE=TARGET", help="A table pair; repeat it.")
@click.option(
    "--stream-view",
    type=click.Choice(["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "KEYS_ONLY"]),
    default=STREAM_VIEW,
    show_default=True,
    help="The view type of a stream that is switched on. Any does.",
)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Another template parameter.")
@click.option("--config-file", default=str(SAMCONFIG), show_default=True, help="The file to write.")
@click.option("--overwrite", is_flag=True, help="With --yes: replace values that stand there already.")
@dry_run_option
@common_options
def command(invocation: Invocation, **options: Any) -> int:
    """Look at the two pools and the tables, enable the source streams and write samconfig.toml.

    It checks what a deployment would stumble over later: that everything exists, that keys are equal, that
    the old client allows the sign-in, that one stack can hold it. Settings in the file that are not ours
    stay as they are. What is missing is asked for.
    """
    named = ask_missing(invocation, options)
    path = Path(options["config_file"])
    file = _Config(path, _stack(invocation, path), _start(path))
    given, held = _given(invocation.aws, options), held_parameters(file.before)
    facts = _look(invocation.aws, named, options["old_profile"], {**held, **given})
    plan = plan_init(facts, view=options["stream_view"], given=given, held=held)
    proposed = file.edit(plan, {})
    invocation.render.say(plan_view(plan, proposed, path))
    changes = bool(plan.streams) or proposed.after != proposed.before
    if changes and not options["dry_run"]:
        check_writable(path)
        _agree(invocation, proposed, overwrite=options["overwrite"])
        proposed = _execute(invocation, plan, file)
    again = invocation.command("init", *_words({**options, **named.options()}))
    invocation.render.result(
        "init",
        plan_data(plan, proposed, path, done=not options["dry_run"]),
        text="" if options["dry_run"] else f"{path} is {'written' if changes else 'as it should be'}",
        next_command=again if options["dry_run"] else _deploy(path),
    )
    return 0


@dataclass(frozen=True)
class _Config:
    path: Path
    stack: str
    before: str

    def edit(self, plan: InitPlan, enabled: Mapping[str, str]) -> Edit:
        settings = {"stack_name": self.stack, "region": plan.region}
        return edit(self.before, settings, plan.parameters(enabled))


def _look(aws: Aws, named: Named, old_profile: str | None, parameters: Mapping[str, object]) -> InitFacts:
    there = Aws(region=aws.region, profile=old_profile or aws.profile, endpoint_url=aws.endpoint_url)
    users = named.new_pool and named.old_pool and named.old_client
    return InitFacts(
        new_pool=read_pool(aws, named.new_pool) if users else None,
        old_pool=read_pool(there, named.old_pool) if users else None,
        old_client=read_client(there, named.old_pool, named.old_client) if users else None,
        pairs=tuple(
            PairTables(
                read_table(_by_role(aws, "SourceRoleArn", parameters), source),
                read_table(_by_role(aws, "TargetRoleArn", parameters), target),
            )
            for source, target in named.pairs
        ),
    )


def _by_role(aws: Aws, role: str, parameters: Mapping[str, object]) -> Aws:
    """The way to tables of another account is the one that the functions will go."""
    arn, word = parameters.get(role), parameters.get("ExternalId")
    return aws.elsewhere(role_arn=str(arn), external_id=str(word) if word else None) if arn else aws


def _given(aws: Aws, options: Mapping[str, Any]) -> dict[str, str]:
    given: dict[str, str] = {}
    for word in options["settings"]:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise UsageError(f"--set {word} is no NAME=VALUE", fix="write --set ForgotPassword=on")
        check_parameter(name)
        given[name] = value
    if options["old_client_secret_arn"]:
        given["OldClientSecretArn"] = options["old_client_secret_arn"]
        check_secret(aws, given["OldClientSecretArn"])
    return given


def _stack(invocation: Invocation, path: Path) -> str:
    return invocation.stack or read_samconfig(path).text("stack_name") or DEFAULT_STACK


def _start(path: Path) -> str:
    """The file itself, or for a second stack's file what the first one says of building and deploying."""
    if path.exists():
        return path.read_text(encoding="utf-8")
    return without_overrides(SAMCONFIG.read_text(encoding="utf-8")) if SAMCONFIG.exists() else ""


def _agree(invocation: Invocation, proposed: Edit, *, overwrite: bool) -> None:
    if proposed.replaced and invocation.yes and not overwrite:
        raise InterlockRefused(
            "would_overwrite",
            "settings in the file have other values",
            cause=", ".join(proposed.replaced),
            fix="add --overwrite to replace them, or give --config-file for another stack",
        )
    replacing = f", replacing {', '.join(proposed.replaced)}" if proposed.replaced else ""
    invocation.confirm(f"Do this{replacing}?")


def _execute(invocation: Invocation, plan: InitPlan, file: _Config) -> Edit:
    enabled: dict[str, str] = {}
    for step in plan.streams:
        invocation.render.say(f"enabling the stream of {step.table.spec}")
        enabled[step.table.arn] = enable_stream(invocation.aws, step)
    written = file.edit(plan, enabled)
    write(file.path, written.after)
    return written


def _words(options: Mapping[str, Any]) -> list[str]:
    """What was given, again."""
    single = ("new_pool", "old_pool", "old_client", "old_client_secret_arn", "old_profile")
    words = [(name, options[name]) for name in single if options[name]]
    if options["stream_view"] != STREAM_VIEW:
        words.append(("stream_view", options["stream_view"]))
    words += [
        (name, value) for name, key in (("table", "tables"), ("set", "settings")) for value in options[key]
    ]
    if options["config_file"] != str(SAMCONFIG):
        words.append(("config_file", options["config_file"]))
    return [part for name, value in words for part in (f"--{name.replace('_', '-')}", value)]


def _deploy(path: Path) -> str:
    if path == SAMCONFIG:
        return "make deploy"
    return f"sam build --config-file {path} && sam deploy --config-file {path}"
