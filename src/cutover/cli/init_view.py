"""The plan of init, for people and as JSON."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cutover.cli.samconfig_edit import Edit
from cutover.control.init_facts import InitFacts, TableFacts
from cutover.control.init_plan import InitPlan


def plan_view(plan: InitPlan, proposed: Edit, path: Path) -> str:
    """What was found, what will be done, and the file's diff."""
    return "\n".join(
        [
            f"found, in {plan.region}:",
            *_found(plan.facts),
            *(f"note: {note}" for note in plan.notes),
            "plan:",
            *_steps(plan, proposed, path),
            *_diff(proposed, path),
        ]
    )


def plan_data(plan: InitPlan, proposed: Edit, path: Path, *, done: bool) -> dict[str, Any]:
    return {
        "done": done,
        "file": str(path),
        "region": plan.region,
        "streams": [{"table": step.table.arn, "view": step.view} for step in plan.streams],
        "notes": list(plan.notes),
        "replaced": list(proposed.replaced),
        "changed": proposed.before != proposed.after,
        "diff": list(_diff(proposed, path)),
    }


def _found(facts: InitFacts) -> Iterator[str]:
    if facts.new_pool and facts.old_pool and facts.old_client:
        yield f"  new pool    {facts.new_pool.id}  {facts.new_pool.name}"
        yield f"  old pool    {facts.old_pool.id}  {facts.old_pool.name}"
        secret = "with a secret" if facts.old_client.has_secret else "without a secret"
        yield f"  old client  {facts.old_client.id}  {secret}, allows {', '.join(facts.old_client.flows)}"
    for pair in facts.pairs:
        keys = ", ".join(f"{name} {kind}" for name, _, kind in pair.source.keys)
        yield f"  tables      {pair.source.spec} -> {pair.target.spec}  keys {keys}; {_stream(pair.source)}"


def _stream(table: TableFacts) -> str:
    return f"stream {table.stream_view}" if table.stream_arn else "no stream"


def _steps(plan: InitPlan, proposed: Edit, path: Path) -> Iterator[str]:
    for step in plan.streams:
        yield (
            f"  enable the stream of {step.table.spec} with {step.view}: "
            "its users notice nothing, and it can be disabled again"
        )
    if proposed.before != proposed.after:
        yield f"  write {path}"
    if not plan.streams and proposed.before == proposed.after:
        yield "  nothing: all is as it should be"


def _diff(proposed: Edit, path: Path) -> Iterator[str]:
    return difflib.unified_diff(
        proposed.before.splitlines(), proposed.after.splitlines(), str(path), str(path), lineterm=""
    )
