"""How a verify's plan and its findings look."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from rich.table import Table

from cutover.cli.verify_work import VerifyPlan
from cutover.tables.items import to_json
from cutover.tables.ports import Key
from cutover.tables.recheck import Kind
from cutover.tables.verify_report import Verified, masked

SHOWN = 5
_WORDS = {
    Kind.MISSING: "missing in the target",
    Kind.DIFFERENT: "different",
    Kind.EXTRA: "extra in the target",
    Kind.REFUSED: "refused by the transform",
    Kind.IN_FLIGHT: "changing all the time, so not judged",
}


def plan_text(plan: VerifyPlan) -> str:
    source, target = plan.opened.source_facts, plan.opened.target_facts
    lag = "unknown" if plan.lag is None else f"{plan.lag:.1f} s"
    pace = f"{plan.read_units:g} read units/s" if plan.read_units else plan.default_pace()
    return (
        f"verify {plan.opened.pair.id}: about {source.items:,} and {target.items:,} items (estimates), "
        f"{plan.workers} threads, {pace}; the mirror's lag is {lag}, so {plan.probes} looks at a suspect, "
        f"{plan.spacing:g} s apart"
    )


def result_table(done: Sequence[Verified]) -> Table:
    names = ("pair", "compared", "missing", "different", "extra", "refused", "in flight", "repaired")
    table = Table(*names, title="verify", title_justify="left")
    for one in done:
        counts = one.result.counts
        table.add_row(
            one.pair_id,
            f"{one.result.compared:,}",
            *(f"{counts[kind]:,}" for kind in Kind),
            "" if one.repaired is None else f"{one.repaired:,}",
        )
    return table


def findings_text(done: Sequence[Verified], *, show_keys: bool) -> str:
    return "\n".join(line for one in done for line in _findings(one, show_keys))


def _findings(one: Verified, show_keys: bool) -> Iterator[str]:
    result = one.result
    if result.nothing_compared:
        yield f"{one.pair_id}: both tables are empty, so nothing was compared and nothing is proven"
    for kind in Kind:
        if result.counts[kind]:
            shown = ", ".join(_name(key, show_keys) for key in result.keys[kind][:SHOWN])
            more = ", …" if result.counts[kind] > SHOWN else ""
            yield f"{one.pair_id}: {result.counts[kind]:,} {_WORDS[kind]}: {shown}{more}"
    if result.counts[Kind.EXTRA]:
        yield (
            "extra items are never deleted by --repair: nothing proves that they came from the mirror, and "
            "they may be the new application's own"
        )


def _name(key: Key, show: bool) -> str:
    return json.dumps(to_json(key), separators=(",", ":")) if show else masked(key)
