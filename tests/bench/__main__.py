"""`make bench`: prints the table and writes build/bench.json."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import platform
import random
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cutover.aws.session import Aws
from cutover.tables.pairs import TablePair, TableRef
from tests.bench import data, plain
from tests.bench.engine import running_engine
from tests.bench.ours import Ours, mirror_environment, mirror_through
from tests.bench.paired import Comparison, compare, timed

PAIR = TablePair(TableRef("bench-source"), TableRef("bench-target"))
LEDGER = "bench-ledger"
RESULT = Path("build/bench.json")
AWS = Path("build/tools/aws/bin/aws")
RATIOS = {
    "backfill": "backfill_over_blind_copy",
    "put-item": "backfill_over_aws_put_item_each",
    "mirror": "mirror_over_put_per_record",
    "verify": "verify_over_bare_scans",
}


def main() -> None:
    options = _options()
    os.environ.update(AWS_ACCESS_KEY_ID="bench", AWS_SECRET_ACCESS_KEY="bench")
    with running_engine() as (name, endpoint, region):
        comparisons = _measure(endpoint, region, options)
    _print(name, comparisons)
    _write(name, comparisons, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--items", type=int, default=6000)
    parser.add_argument("--records", type=int, default=1500)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--aws", type=Path, default=AWS, help="the AWS CLI, for one put-item process an item")
    parser.add_argument("--aws-items", type=int, default=20)
    return parser.parse_args()


def _measure(endpoint: str, region: str, options: argparse.Namespace) -> list[Comparison]:
    client = Aws(region=region, endpoint_url=endpoint).client("dynamodb", attempts=3)
    rng = random.Random(7)
    items = [data.item(number, rng) for number in range(options.items)]
    data.new_table(client, PAIR.source.name)
    data.fill(client, PAIR.source.name, items)
    ours = Ours(endpoint, region, PAIR, LEDGER, options.threads)
    os.environ.update(mirror_environment(endpoint, region, PAIR, LEDGER))
    where = (endpoint, region, PAIR.source.name, PAIR.target.name)

    def empty() -> None:
        data.new_table(client, PAIR.target.name)
        data.new_ledger(client, LEDGER)

    results = [
        compare(
            "backfill",
            ("cutover's backfill", ours.backfill),
            ("blind copy, batch writer", lambda: plain.blind_copy(*where, threads=options.threads)),
            items=options.items,
            runs=options.runs,
            before=empty,
        ),
        _mirror(client, items[: options.records], options.runs, empty),
        compare(
            "verify",
            ("cutover's verify", ours.verify),
            (
                "two bare parallel scans",
                lambda: plain.bare_scans(endpoint, region, where[2:], threads=options.threads),
            ),
            items=2 * options.items,
            runs=options.runs,
            before=_filled(empty, ours),
        ),
    ]
    if options.aws.is_file():
        results.append(_each(options, endpoint, region, items[: options.aws_items], results[0], empty))
    else:
        Console(stderr=True).print(f"{options.aws} is not there: the comparison with it is left out")
    return results


def _filled(empty: Any, ours: Ours) -> Any:
    """Both sides equal: done once, and verify changes nothing."""
    done: list[bool] = []

    def before() -> None:
        if not done:
            empty()
            ours.backfill()
            done.append(True)

    return before


def _mirror(client: Any, items: list[dict[str, Any]], runs: int, empty: Any) -> Comparison:
    from cutover.handlers.mirror_table import handler

    arn = client.describe_table(TableName=PAIR.source.name)["Table"]["TableArn"]
    records = data.records(arn, items)

    def mirrored() -> None:
        with contextlib.redirect_stdout(io.StringIO()):  # its metrics are lines of standard output
            mirror_through(handler, records, data.RECORD_BATCH)

    return compare(
        "mirror",
        ("cutover's mirror", mirrored),
        ("one put per record", lambda: plain.put_per_record(client, PAIR.target.name, records)),
        items=len(records),
        runs=runs,
        before=empty,
    )


def _each(
    options: argparse.Namespace, endpoint: str, region: str, few: Any, backfill: Comparison, empty: Any
) -> Comparison:
    """A process an item takes so long that few items are put, and their time is scaled up."""
    seconds = []
    for _ in backfill.our_seconds:
        empty()
        alone = timed(lambda: plain.aws_put_item_each(options.aws, endpoint, region, few, PAIR.target.name))
        seconds.append(alone * backfill.items / len(few))
    return Comparison(
        "put-item",
        backfill.ours,
        "one aws put-item process per item",
        backfill.items,
        backfill.our_seconds,
        tuple(seconds),
    )


def _print(engine: str, comparisons: list[Comparison]) -> None:
    table = Table(title=f"On {engine}; items per second, medians of paired runs")
    for heading in ("ours", "a second", "the plain way", "a second", "ratio"):
        table.add_column(heading, justify="right" if heading in {"a second", "ratio"} else "left")
    for row in comparisons:
        table.add_row(
            row.ours,
            f"{row.rate(row.our_seconds):,.0f}",
            row.theirs,
            f"{row.rate(row.their_seconds):,.0f}",
            f"{row.ratio:.2f}",
        )
    Console().print(table)


def _write(engine: str, comparisons: list[Comparison], options: argparse.Namespace) -> None:
    RESULT.parent.mkdir(exist_ok=True)
    context = {
        "engine": engine,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "items": options.items,
        "records": options.records,
        "runs": options.runs,
        "threads": options.threads,
        "aws_items": options.aws_items,
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "seconds": {row.name: {"ours": row.our_seconds, "theirs": row.their_seconds} for row in comparisons},
    }
    ratios = {RATIOS[row.name]: round(row.ratio, 3) for row in comparisons}
    RESULT.write_text(json.dumps({"ratios": ratios, "context": context}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
