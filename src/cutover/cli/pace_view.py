"""How the pace of a pair looks: before and after, what it costs, and who was held by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cutover.aws.pair_workers import LastHeld
from cutover.tables.pace_plan import IN_FORCE, PacePlan, PairLimits, clock, resume_before
from cutover.tables.shares import AtWork


def plan_text(plans: Sequence[PacePlan]) -> str:
    """What would be changed."""
    lines: list[str] = []
    for plan in plans:
        lines += [
            plan.pair_id,
            f"  before: {_limits(plan.before)}",
            f"  after:  {_limits(plan.after)}",
            *(f"  {warning}" for warning in plan.warnings()),
        ]
    return "\n".join([*lines, IN_FORCE])


def shown_text(plan: PacePlan, at_work: AtWork, held: LastHeld | None) -> str:
    """What is in force, and why somebody waited."""
    lines = [f"{plan.pair_id}: {_limits(plan.after)}"]
    if plan.after.paused is not None:
        lines.append(f"  resume before {resume_before(plan.after)}, or changes are lost to the mirror")
    if at_work.count:
        lines.append(f"  at work under the limit now: {_at_work(at_work)}")
    if held:
        lines.append(f"  last at {clock(held.at)}: {held.why}; it waited {held.seconds:,.1f} s")
    return "\n".join(lines)


def shown_data(plan: PacePlan, at_work: AtWork, held: LastHeld | None) -> dict[str, Any]:
    """For JSON."""
    return {
        **plan.data(),
        "at_work": at_work.mirrors,
        "backfill_at_work": at_work.backfill,
        "verifies_at_work": at_work.verifies,
        "last_held": asdict(held) if held else None,
    }


def _at_work(at_work: AtWork) -> str:
    backfill, verifies = "a backfill" if at_work.backfill else "", at_work.verifies
    verify = "a verify" if verifies == 1 else f"{verifies} verifies" if verifies else ""
    return " and ".join(part for part in (f"{at_work.mirrors or ''}", backfill, verify) if part)


def _limits(limits: PairLimits) -> str:
    units = {"read": limits.read_units, "write": limits.write_units}
    set_ = [f"{value:g} {kind} units/s" for kind, value in units.items() if value is not None]
    said = f"at most {' and '.join(set_)}" if set_ else "no limit but what the tables throttle"
    return said if limits.paused is None else f"paused: {limits.paused}; then {said}"
