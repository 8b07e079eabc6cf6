"""The benchmark's table and its file."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.bench.mirrors import FAR, HERE
from tests.bench.paired import Comparison, Took

RATIOS = {
    "backfill": "backfill_over_blind_copy",
    HERE: "mirror_over_put_per_record",
    "verify": "verify_over_bare_scans",
    "put-item": "backfill_over_aws_put_item_each",
}
WITH_DELAY = {FAR: "mirror_over_put_per_record"}
"""Ratios with a delay before each call: what a network makes of them, and no headline."""
NUMBERS = ("a second", "ms each")


def show(engine: str, comparisons: Sequence[Comparison]) -> None:
    """`ms each` is the processor time of the program, without the engine's."""
    table = Table(
        title=f"On {engine}; items a second and the program's own ms an item, medians of paired runs"
    )
    for heading in ("ours", *NUMBERS, "the plain way", *NUMBERS, "ratio"):
        table.add_column(heading, justify="right" if heading in {*NUMBERS, "ratio"} else "left")
    for row in comparisons:
        table.add_row(
            row.ours,
            *numbers(row, row.our_runs),
            row.theirs,
            *numbers(row, row.their_runs),
            f"{row.ratio:.2f}",
        )
    Console().print(table)


def numbers(row: Comparison, runs: tuple[Took, ...]) -> tuple[str, str]:
    rate = row.rate(runs)
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}", f"{row.processor(runs):.2f}"


def write(engine: str, comparisons: Sequence[Comparison], options: argparse.Namespace) -> None:
    options.result.parent.mkdir(exist_ok=True)
    context = {
        "engine": engine,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_average": [round(load, 1) for load in os.getloadavg()],
        **{name: value for name, value in vars(options).items() if name not in {"aws", "result"}},
        "ratios_with_delay": {
            WITH_DELAY[row.name]: round(row.ratio, 3) for row in comparisons if row.name in WITH_DELAY
        },
        "seconds": {row.name: [seconds(row.our_runs), seconds(row.their_runs)] for row in comparisons},
        "processor_ms_each": {
            row.name: [round(row.processor(row.our_runs), 3), round(row.processor(row.their_runs), 3)]
            for row in comparisons
        },
    }
    ratios = {RATIOS[row.name]: round(row.ratio, 3) for row in comparisons if row.name in RATIOS}
    text = json.dumps({"ratios": ratios, "context": context}, indent=2)
    options.result.write_text(f"{text}\n", encoding="utf-8")


def seconds(runs: tuple[Took, ...]) -> list[float]:
    return [round(run.seconds, 3) for run in runs]
