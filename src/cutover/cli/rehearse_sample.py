"""`cutover rehearse --sample N`: the pairs' transforms on a sample of the real source tables. Reads only."""

from __future__ import annotations

import random
from collections.abc import Mapping
from math import ceil
from typing import Any

from rich.console import Group

from cutover.aws.open_pairs import pairs_of
from cutover.aws.table_sample import PairSample, SampleReads, open_sample
from cutover.cli.options import Invocation
from cutover.cli.rehearse_view import Shown, item_table, item_view, summary
from cutover.cli.table_access import roles_for, sub_map_table
from cutover.errors import DifferencesFound, UsageError
from cutover.tables.pace import Pace
from cutover.tables.trials import Tally, Trial, tally


def rehearse_sample(invocation: Invocation, options: Mapping[str, Any]) -> int:
    """Exit code 3 where an item of the sample could not go over, or not come back."""
    shown = _shown(options)
    deployment = invocation.deployment()
    roles = roles_for(deployment, options["source_role"], options["target_role"])
    pace = Pace(options["sample_units"], invocation.waits.clock, invocation.waits.sleep)
    reads = SampleReads(options["sample"], pace, invocation.aws, roles)
    pairs = pairs_of(deployment, invocation.aws, options["pairs"], options["tables"])
    ledger = sub_map_table(deployment)
    samples = [open_sample(pair, reads, ledger) for pair in pairs]
    text = "\n".join(_plan_text(sample, options["sample_units"]) for sample in samples)
    if options["dry_run"]:
        data = {"dry_run": True, "pairs": [_plan_data(sample) for sample in samples]}
        invocation.render.result("rehearse", data, text=text)
        return 0
    invocation.render.say(text)
    done = [(sample, list(sample.trials(random.Random()))) for sample in samples]  # noqa: S311 - a sample
    counts = [tally(trials) for _, trials in done]
    faulty = any(one.faulty for one in counts)
    invocation.render.result(
        "rehearse",
        {"shown": shown.value, "pairs": [_data(*one, shown) for one in done]},
        text=_text(done, counts, shown),
        next_command=invocation.command("doctor"),
        ok=not faulty,
    )
    return DifferencesFound.exit_code if faulty else 0


def _shown(options: Mapping[str, Any]) -> Shown:
    if options["keys_only"] and options["masked"]:
        raise UsageError("--keys-only and --masked do not go together", fix="give one of them")
    if options["keys_only"]:
        return Shown.KEYS
    return Shown.MASKED if options["masked"] else Shown.VALUES


def _plan_text(sample: PairSample, units: float) -> str:
    plan = sample.plan
    return (
        f"{sample.pair.id}: reads {plan.items:,} items of {sample.table.name} at most and writes nothing; "
        f"about {ceil(plan.units):,} read units at {units:g} a second ({plan.seconds(units):,} s)"
    )


def _plan_data(sample: PairSample) -> dict[str, Any]:
    plan = sample.plan
    return {
        "pair": sample.pair.id,
        "transform": sample.pair.transform,
        "items_at_most": plan.items,
        "segments": plan.segments,
        "read_units_about": plan.units,
    }


def _data(sample: PairSample, trials: list[Trial], shown: Shown) -> dict[str, Any]:
    return {
        **_plan_data(sample),
        "read_units": sample.table.units,
        "counts": tally(trials).data(),
        "items": [item_view(trial, sample.rules, shown) for trial in trials],
    }


def _text(done: list[tuple[PairSample, list[Trial]]], counts: list[Tally], shown: Shown) -> Group:
    parts: list[Any] = []
    for (sample, trials), count in zip(done, counts, strict=True):
        parts += [item_table(number, trial, sample.rules, shown) for number, trial in enumerate(trials, 1)]
        parts.append(summary(sample.pair.id, count))
    return Group(*parts)
