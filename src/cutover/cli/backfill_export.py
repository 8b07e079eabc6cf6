"""`cutover backfill --keys-from s3://…`: keys from a finished export, so that no scan reads the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import rich_click as click

from cutover.aws.export_facts import mapped_at
from cutover.aws.export_files import ExportFolder, place_of
from cutover.aws.export_source import checked_export
from cutover.aws.open_pairs import OpenedPair
from cutover.cli.options import Invocation
from cutover.control.deployment import Deployment
from cutover.errors import InterlockRefused, UsageError
from cutover.tables.backfill_plan import Wish
from cutover.tables.export_manifest import Summary, gap

AWS = "aws"
"""The engine of many functions."""

keys_from_option = click.option(
    "--keys-from",
    metavar="S3-URI",
    help="Take the keys from this finished export of the table, s3://bucket/prefix/AWSDynamoDB/<export id>.",
)


def check_keys_from(options: Mapping[str, Any], opened: Sequence[OpenedPair]) -> None:
    """Raises UsageError where an export cannot be meant."""
    if options["keys_from"] is None:
        return
    if len(opened) != 1:
        raise UsageError("an export is of one table", fix="name its pair by --table")
    if options["segments"] is not None:
        raise UsageError("an export has as many segments as files", fix="leave out --segments")


def refuse_unreadable(
    invocation: Invocation, deployment: Deployment, opened: OpenedPair, options: Mapping[str, Any]
) -> None:
    """Raises UsageError where the stack's functions are to read an export and may not."""
    bucket, _ = place_of(options["keys_from"])
    allowed = deployment.parameter("ExportBucketArn") or ""
    if allowed.rpartition(":")[2] == bucket:
        return
    partition = opened.source_facts.arn.split(":")[1]
    again = ("--on", AWS, "--pair", opened.pair.id, *export_words(options))
    raise UsageError(
        f"the stack's functions may not read the bucket {bucket}",
        cause=f"the stack's ExportBucketArn is {allowed or 'empty'}",
        fix=f"set ExportBucketArn=arn:{partition}:s3:::{bucket} in samconfig.toml and deploy; or leave out "
        "--on aws, and this machine reads it by your own credentials",
        next_command="make deploy && " + invocation.command("backfill", *again),
    )


def export_words(options: Mapping[str, Any]) -> tuple[str, ...]:
    """What the command that goes on needs of this."""
    return ("--keys-from", options["keys_from"]) if options["keys_from"] else ()


def from_export(
    invocation: Invocation, opened: OpenedPair, wish: Wish, options: Mapping[str, Any]
) -> tuple[OpenedPair, Wish]:
    """The pair, its source's scan being the export, and the wish for as many segments as it has files.

    Raises UsageError for an export of something else, InterlockRefused (`export_too_old`) for one behind
    which the mirror may have missed changes.
    """
    folder = ExportFolder(invocation.aws.client("s3", attempts=3), *place_of(options["keys_from"]))
    export = checked_export(folder, opened.source_facts)
    if not options["without_mirror"]:
        _refuse_gap(invocation, opened, export.summary)
    facts = replace(opened.source_facts, items=export.summary.items)
    return (
        replace(opened, source=export.over(opened.source), source_facts=facts),
        replace(wish, segments=len(export.files), keys_from=export.summary.export_arn),
    )


def _refuse_gap(invocation: Invocation, opened: OpenedPair, summary: Summary) -> None:
    stream = opened.source_facts.stream_arn
    followed = (arn for arn in (stream, *opened.kinesis_arns) if arn)
    mapped = ((arn, mapped_at(invocation.aws, opened.mirror_function, arn)) for arn in followed)
    arn, since = next(((arn, at) for arn, at in mapped if at is not None), (None, None))
    problem = gap(summary, arn if arn == stream else None, since)
    if problem:
        raise InterlockRefused(
            "export_too_old",
            f"export {summary.id} is older than the mirror",
            cause=problem,
            fix="export the table again, now that the mirror runs; or give --without-mirror, and what was "
            "changed in between stays old or comes back",
            next_command=invocation.command("status"),
        )
