"""Pace and pause of a backfill, whichever engine runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cutover.aws.open_pairs import OpenedPair
from cutover.cli.options import Invocation, refuse_blank_reason
from cutover.errors import UsageError
from cutover.tables.backfill_rows import BackfillPace


def wished_pace(opened: OpenedPair, options: Mapping[str, Any]) -> BackfillPace:
    """What the ledger holds, with what was typed in its place."""
    return replace(opened.pace_book.read(), **typed_pace(options))


def typed_pace(options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a BackfillPace that were typed. Raises UsageError."""
    pause, unpause = options["pause"], options["unpause"]
    if pause is not None and unpause:
        raise UsageError("--pause and --unpause exclude each other", fix="give one of them")
    refuse_blank_reason(pause, "lunch peak")
    typed = {name: options[name] for name in ("read_units", "write_units") if options[name] is not None}
    held = {"paused": pause is not None, "reason": pause or ""} if pause is not None or unpause else {}
    return typed | held


def set_pace(
    invocation: Invocation, opened: Sequence[OpenedPair], paces: Sequence[BackfillPace], dry_run: bool
) -> None:
    """Sets it for the backfill that runs, and says what it is."""
    rows: list[dict[str, object]] = []
    for one, pace in zip(opened, paces, strict=True):
        rows.append({"pair": one.pair.id, **vars(pace)})
        if not dry_run:
            one.pace_book.save(pace)
    lines = [
        f"{row['pair']}: read {_units(row['read_units'])}, write {_units(row['write_units'])}"
        + (f", paused ({row['reason']})" if row["paused"] else "")
        for row in rows
    ]
    invocation.render.result(
        "backfill", {"pace_only": True, "dry_run": dry_run, "pairs": rows}, text="\n".join(lines)
    )


def _units(units: object) -> str:
    return "by default" if units is None else f"{units:g} units/s" if units else "without limit"
