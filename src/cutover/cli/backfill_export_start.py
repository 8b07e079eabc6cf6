"""`cutover backfill --export s3://…`: start the export whose keys a backfill is to take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import rich_click as click

from cutover.aws.open_pairs import OpenedPair
from cutover.aws.table_exports import bucket_of, start_export
from cutover.cli.options import Invocation
from cutover.errors import UsageError

export_option = click.option(
    "--export", metavar="S3-URI", help="Start an export of the source to this bucket and prefix, and end."
)


def start(invocation: Invocation, opened: Sequence[OpenedPair], options: Mapping[str, Any]) -> None:
    """Asks, starts it, and says what comes next. Raises UsageError."""
    if options["keys_from"] is not None:
        raise UsageError("--export and --keys-from exclude each other", fix="give one of them")
    if len(opened) != 1:
        raise UsageError("an export is of one table", fix="name its pair by --table")
    (one,) = opened
    bucket, prefix = bucket_of(options["export"])
    gigabytes = one.source_facts.bytes / 1_000_000_000
    plan = (
        f"export {one.source_facts.arn} to s3://{bucket}/{prefix}: about {gigabytes:,.1f} GB, which AWS "
        "charges by the gigabyte; it takes none of the table's read capacity"
    )
    data = {"dry_run": options["dry_run"], "pair": one.pair.id, "table": one.source_facts.arn}
    if options["dry_run"]:
        invocation.render.result("backfill", data, text=plan)
        return
    invocation.render.say(plan)
    invocation.confirm("Export now?")
    where = invocation.aws.elsewhere(region=one.pair.source.region, role_arn=None, external_id=None)
    folder = start_export(where.client("dynamodb", attempts=3), one.source_facts.arn, bucket, prefix)
    invocation.render.result(
        "backfill",
        data | {"export": folder},
        text=f"the export has begun; when it has ended it is {folder}",
        next_command=invocation.command("backfill", "--pair", one.pair.id, "--keys-from", folder),
    )
