"""How a verify's plan and its findings look."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence

from rich.table import Column, Table

from cutover.cli.verify_plan import VerifyPlan
from cutover.control.refusals import Refusal
from cutover.tables.items import to_json
from cutover.tables.kinds import Kind
from cutover.tables.ports import Key
from cutover.tables.verify_report import Verified, masked

SHOWN = 5
MEGABYTE = 1_000_000
_WORDS = {
    Kind.MISSING: "missing in the target",
    Kind.DIFFERENT: "different",
    Kind.MIRRORED: "extra in the target, left behind by the mirror",
    Kind.NATIVE: "extra in the target, and nothing proves that they came from the mirror",
    Kind.REFUSED: "refused by the transform",
    Kind.IN_FLIGHT: "changing all the time, so not judged",
}
_COLUMNS = {Kind.IN_FLIGHT: "in\nflight"}


def plan_text(plan: VerifyPlan) -> str:
    source, target = plan.opened.source_facts, plan.opened.target_facts
    lag = "unknown" if plan.lag is None else f"{plan.lag:.1f} s"
    pace = _pace(plan)
    if plan.pair_limit is not None:
        pace += f", within the pair's limit of {plan.pair_limit:,.12g}"
    return (
        f"verify {plan.opened.pair.id}: {_part(plan)}about {source.items:,} and {target.items:,} items "
        f"(estimates), {plan.workers} threads, {pace}; the mirror's lag is {lag}, so {plan.wanted.probes} "
        f"looks at a suspect, {plan.spacing:g} s apart"
    ) + _going_on(plan)


def _pace(plan: VerifyPlan) -> str:
    source, target = (limit.units or 0 for limit in plan.own_limits())
    if plan.wanted.read_units is not None:
        return f"{source:g} read units/s"
    return f"{source:,.0f} and {target:,.0f} read units/s by default"


def plans_text(plans: Sequence[VerifyPlan]) -> str:
    return "\n".join(plan_text(plan) for plan in plans)


def freeze_text(refused: Sequence[Refusal]) -> str:
    """Why no certificate can be made now."""
    if not refused:
        return "\nas far as is known before anything is read, nothing refuses the certificate"
    return "".join(f"\nrefused ({one.code}): {one.message}: {one.cause}" for one in refused)


def _part(plan: VerifyPlan) -> str:
    sample = plan.wanted.sample
    if sample is None:
        return ""
    size = f"{sample.items:,} items" if sample.percent is None else f"{sample.percent:g} % of the segments"
    return f"a sample of {size} of each table, drawn by seed {sample.seed}, of "


def _going_on(plan: VerifyPlan) -> str:
    if plan.kept is None:
        return ""
    began = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(plan.kept["began"]))
    done, of = plan.segments_done, 2 * plan.segments
    where = "all is read, suspects are left" if done is None else f"{done} of {of} segments are read"
    return f"; it goes on with the verify that began at {began}: {where}"


def result_table(done: Sequence[Verified]) -> Table:
    kinds = [kind for kind in Kind if kind is not Kind.UNMAPPED or any(_unmapped(one) for one in done)]
    repaired = any(one.repaired is not None for one in done)
    names = ("compared", *(_COLUMNS.get(kind, kind.value) for kind in kinds), *(["repaired"] * repaired))
    table = Table(Column("pair", overflow="fold"), *names, title="verify", title_justify="left")
    for one in done:
        counts = one.result.counts
        table.add_row(
            one.pair_id,
            f"{one.result.compared:,}",
            *(f"{counts[kind]:,}" for kind in kinds),
            *(["" if one.repaired is None else f"{one.repaired:,}"] * repaired),
        )
    return table


def _unmapped(one: Verified) -> int:
    return one.result.counts[Kind.UNMAPPED]


def findings_text(done: Sequence[Verified], *, show_keys: bool) -> str:
    return "\n".join(line for one in done for line in _findings(one, show_keys))


def _findings(one: Verified, show_keys: bool) -> Iterator[str]:
    result = one.result
    if result.nothing_compared:
        yield f"{one.pair_id}: nothing was read on either side, so nothing was compared and nothing is proven"
    for kind, words in _WORDS.items():
        if result.counts[kind]:
            shown = ", ".join(_name(key, show_keys) for key in result.keys[kind][:SHOWN])
            more = ", …" if result.counts[kind] > SHOWN else ""
            yield f"{one.pair_id}: {result.counts[kind]:,} {words}: {shown}{more}"
    if _unmapped(one):
        yield f"{one.pair_id}: {_unmapped(one):,} wait for the new sub of their user, and were not compared"
    if result.counts[Kind.NATIVE]:
        yield (
            "native items are never deleted by --repair: they may be the new application's own. An inverse "
            "of the transform would prove which ones are not"
        )
    yield from _sampled(one)
    if one.settled:
        yield f"{one.pair_id}: rows of what was owed that are settled: {one.settled:,}"
    if one.peak_memory_bytes is not None:
        yield (
            f"{one.pair_id}: at most {one.peak_memory_bytes / MEGABYTE:,.0f} MB of memory so far, "
            f"{result.spilled_bytes / MEGABYTE:,.1f} MB of digests and keys on disk"
        )


def _sampled(one: Verified) -> Iterator[str]:
    """The rule of three, where nothing was found."""
    if one.result.sampled is None:
        return
    source, target = one.result.sampled
    yield (
        f"{one.pair_id}: a sample, drawn by seed {one.seed}: {source.items:,} items under "
        f"{source.partition_keys:,} partition keys of the source, {target.items:,} under "
        f"{target.partition_keys:,} of the target"
    )
    if source.bound is not None and target.bound is not None and one.result.all_equal:
        yield (
            f"{one.pair_id}: none is wrong, so with 95 % confidence fewer than {source.bound:.2%} of the "
            f"source's partition keys lack something in the target, and fewer than {target.bound:.2%} of the "
            "target's hold something extra (rule of three). Only a full verify finds the last one"
        )


def _name(key: Key, show: bool) -> str:
    return json.dumps(to_json(key), separators=(",", ":")) if show else masked(key)
