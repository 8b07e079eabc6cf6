"""What `cutover backfill` says at its end, and when it leaves a backfill to run on."""

from __future__ import annotations

from collections.abc import Sequence

from cutover.cli.backfill_follow import Started
from cutover.cli.backfill_screen import result_table
from cutover.cli.backfill_work import Job
from cutover.cli.options import Invocation
from cutover.tables.backfill_rows import Run


def tell_start(invocation: Invocation, started: Sequence[Started]) -> None:
    rows = [
        {"pair": one.job.plan.pair_id, "run": one.job.plan.run.run_id, "execution": one.arn}
        for one in started
    ]
    invocation.render.result(
        "backfill",
        {"detached": True, "pairs": rows},
        text="\n".join(f"{row['pair']}: runs on" for row in rows),
        next_command=invocation.command("status"),
    )


def tell_end(invocation: Invocation, jobs: Sequence[Job], runs: Sequence[Run]) -> None:
    parked = sum(run.parked for run in runs)
    invocation.render.result(
        "backfill",
        {"pairs": [_data(job, run) for job, run in zip(jobs, runs, strict=True)]},
        text=result_table(list(zip((job.plan.pair_id for job in jobs), runs, strict=True))),
        next_command=invocation.command("status" if parked else "verify"),
    )


def _data(job: Job, run: Run) -> dict[str, object]:
    counts = {name: getattr(run, name) for name in ("items", "written", "parked", "segments")}
    return {"pair": job.plan.pair_id, "run": run.run_id, "state": run.state.value, **counts}
