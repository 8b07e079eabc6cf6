"""What a verify answers at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cutover.cli.options import Invocation
from cutover.cli.verify_options import Wanted
from cutover.cli.verify_screen import findings_text, result_table
from cutover.cli.verify_stuck import Stuck
from cutover.errors import DifferencesFound, PartlyDone
from cutover.tables.verify_report import Verified

NONE_STUCK = Stuck()


def report_of(done: Sequence[Verified]) -> dict[str, Any]:
    """The report file's content; it holds keys."""
    return {"schema_version": 1, "verb": "verify", "pairs": [one.report() for one in done]}


def tell(
    invocation: Invocation,
    done: Sequence[Verified],
    wanted: Wanted,
    more: Mapping[str, Any] | None = None,
    stuck: Stuck = NONE_STUCK,
) -> int:
    """Findings, table, envelope; gives the exit code."""
    differences = sum(one.result.differences for one in done)
    findings = findings_text(done, show_keys=wanted.show_keys)
    if findings:
        invocation.render.say(findings)
    repairable = any(one.result.repairable for one in done)
    invocation.render.result(
        "verify",
        {
            "differences": differences,
            "pairs": [one.summary() for one in done],
            "stuck": stuck.data(),
            "report": str(wanted.report) if wanted.report else None,
            **(more or {}),
        },
        text=result_table(done),
        next_command=invocation.command("verify", *stuck.words())
        if stuck.causes
        else _next(invocation, differences, repairable, wanted),
        ok=differences == 0 and not stuck.causes,
    )
    if stuck.causes:
        return PartlyDone.exit_code
    return DifferencesFound.exit_code if differences else 0


def _next(invocation: Invocation, differences: int, repairable: bool, wanted: Wanted) -> str:
    if repairable and not wanted.repair:
        return invocation.command("verify", "--repair")
    return invocation.command("verify" if differences else "status")
