"""`cutover export-users`: those who never signed in, as files for user import jobs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rich_click as click

from cutover.aws.import_ledger import ImportLedger
from cutover.aws.paced_calls import PacedCalls
from cutover.aws.session import Aws
from cutover.aws.straggler_reads import LedgerWord, admission, import_pool, old_rules, parts_of
from cutover.cli.attach import pace_option
from cutover.cli.attach_facts import new_pool_of
from cutover.cli.attach_users import old_pool_aws
from cutover.cli.export_files import MANIFEST, write_manifest, write_reasons, write_rows
from cutover.cli.export_store import ExportStore
from cutover.cli.export_view import counts_json, export_view, result_view
from cutover.cli.export_work import ExportWork, PoolReader
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.pair_options import termination_interrupts
from cutover.control.deployment import Deployment
from cutover.control.import_facts import ExportPlan, pool_refusals, renames_of
from cutover.control.import_runs import unfinished_refusal
from cutover.control.refusals import raise_first
from cutover.errors import InterlockRefused, UsageError
from cutover.users.import_rows import ImportPool
from cutover.users.ports import PoolRules
from cutover.users.settings import region_of
from cutover.users.stragglers import RowMaker

STATE = ".export.sqlite"


@dataclass(frozen=True)
class Pools:
    """Both pools with their clients, and what was read of them."""

    new_client: Any
    old_client: Any
    new: ImportPool
    old: PoolRules
    ledger: LedgerWord


@click.command("export-users")
@common_options
@dry_run_option
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where the files go; made with mode 0700. An export that was interrupted goes on there.",
)
@click.option(
    "--without-second-factors",
    is_flag=True,
    help="Do not ask the old pool who has a second factor: they would be imported and lose it.",
)
@click.option("--show-users", is_flag=True, help="Write names beside the reasons; otherwise subs alone.")
@click.option(
    "--workers", type=click.IntRange(1, 16), default=4, show_default=True, help="Parts read at once."
)
@click.option("--old-profile", help="The AWS profile that may list the old pool's users.")
@pace_option
def command(invocation: Invocation, dry_run: bool, folder: Path, **options: Any) -> int:
    """Write the users who never came over into files that `cutover import-users` takes.

    Changes nothing in either pool. Asking for second factors counts a monthly active user of the old pool
    for each straggler.
    """
    deployment = invocation.deployment()
    plan, pools = _plan(invocation, deployment, folder, options)
    if dry_run:
        invocation.render.result(
            "export-users",
            {"dry_run": True, "plan": plan.as_json()},
            text=export_view(plan),
            ok=not plan.refusals,
        )
        return InterlockRefused.exit_code if plan.refusals else 0
    invocation.render.say(export_view(plan))
    raise_first(plan.refusals, next_command=invocation.command("status"))
    if plan.asks_second_factors:
        invocation.confirm("Each straggler counts as a monthly active user of the old pool. Go on?")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / MANIFEST).exists():
        raise UsageError(f"{folder} holds an export already", fix="name another folder")
    with termination_interrupts():
        return _run(invocation, plan, pools, options)


def _plan(
    invocation: Invocation, deployment: Deployment, folder: Path, options: dict[str, Any]
) -> tuple[ExportPlan, Pools]:
    new_pool, old_pool = new_pool_of(deployment), deployment.parameter("OldUserPoolId") or ""
    renames, legacy_sub = renames_of(deployment)
    there = old_pool_aws(invocation, deployment, old_pool, options["old_profile"])
    new_client = _client(invocation.aws.elsewhere(region=region_of(new_pool)))
    old_client = _client(there)
    calls = _calls(invocation, options["calls_per_second"], 1)
    new, new_found = import_pool(calls(new_client), new_pool)
    old, old_found = old_rules(calls(old_client), old_pool)
    dynamodb, table = invocation.aws.client("dynamodb", attempts=3), deployment.output("LedgerTable")
    unfinished = ImportLedger(dynamodb, table).unfinished(new_pool)
    plan = ExportPlan(
        new_pool=new_pool,
        old_pool=old_pool,
        old_users=int(old_found.get("EstimatedNumberOfUsers", 0)),
        new_users=int(new_found.get("EstimatedNumberOfUsers", 0)),
        calls_per_second=options["calls_per_second"],
        asks_second_factors=not options["without_second_factors"]
        and old_found.get("MfaConfiguration", "OFF") != "OFF",
        renames=dict(renames) if renames is not None else None,
        legacy_sub=legacy_sub,
        folder=str(folder),
        refusals=(*pool_refusals(new, new_pool, legacy_sub), *unfinished_refusal(unfinished)),
    )
    return plan, Pools(new_client, old_client, new, old, LedgerWord(dynamodb, table))


def _run(invocation: Invocation, plan: ExportPlan, pools: Pools, options: dict[str, Any]) -> int:
    folder, workers = Path(plan.folder), options["workers"]
    store = ExportStore(folder / STATE)
    began = int(time.time())
    differ = store.agree(
        new_pool=plan.new_pool,
        old_pool=plan.old_pool,
        rules=repr((plan.renames, plan.legacy_sub, plan.asks_second_factors, pools.new)),
        old_parts=",".join(parts_of(plan.old_users)),
        new_parts=",".join(parts_of(plan.new_users)),
    )
    if {"new_pool", "old_pool", "rules"} & set(differ):
        raise UsageError(
            f"{folder} holds another export that was interrupted",
            cause=", ".join(differ),
            fix="name another folder",
        )
    store.agree(began_at=str(began))
    maker = RowMaker(
        pool=pools.new,
        old=lambda: pools.old,
        renames=plan.renames,
        legacy_sub=plan.legacy_sub,
        admit=admission(pools.new_client, plan.new_pool, pools.old_client, plan.old_pool),
    )
    work = ExportWork(store, maker, pools.ledger, workers)
    calls = _calls(invocation, plan.calls_per_second, workers)
    new = PoolReader(plan.new_pool, lambda: calls(pools.new_client), pools.ledger)
    old = PoolReader(plan.old_pool, lambda: calls(pools.old_client), pools.ledger, plan.asks_second_factors)
    with invocation.render.progress("users of the new pool", plan.new_users or None) as bar:
        work.read_new(new, store.fact("new_parts").split(","), bar)
    with invocation.render.progress("users of the old pool", plan.old_users or None) as bar:
        work.read_old(old, store.fact("old_parts").split(","), bar)
    return _write(invocation, plan, pools, store, show_users=options["show_users"])


def _write(
    invocation: Invocation, plan: ExportPlan, pools: Pools, store: ExportStore, *, show_users: bool
) -> int:
    folder = Path(plan.folder)
    files = write_rows(folder, store, pools.new)
    write_reasons(folder, store, show_users=show_users)
    counts = counts_json(store.counts())
    write_manifest(
        folder,
        files,
        new_pool=plan.new_pool,
        old_pool=plan.old_pool,
        legacy_sub=plan.legacy_sub,
        asked_second_factors=plan.asks_second_factors,
        exported_at=int(store.fact("began_at")),
        counts=counts,
    )
    store.remove()
    next_command = invocation.command("import-users", str(folder), "--dry-run") if files else None
    invocation.render.result(
        "export-users",
        {
            "dry_run": False,
            "plan": plan.as_json(),
            "files": [one.as_json() for one in files],
            "counts": counts,
        },
        text=result_view(files, counts, str(folder)),
        next_command=next_command,
    )
    return 0


def _client(aws: Aws) -> Any:
    return aws.client("cognito-idp", max_connections=20)


def _calls(invocation: Invocation, per_second: float, workers: int) -> Callable[[Any], PacedCalls]:
    say: Callable[[str], None] = invocation.render.say
    waits = invocation.waits
    return lambda client: PacedCalls(
        client, per_second=per_second / workers, say=say, clock=waits.clock, sleep=waits.sleep
    )
