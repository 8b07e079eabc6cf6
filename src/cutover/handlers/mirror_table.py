"""Stream records of the source tables: makes the targets right for their keys."""

from __future__ import annotations

from typing import Any

from cutover.handlers import telemetry
from cutover.handlers.deadline import near_end
from cutover.handlers.table_function import parts_here
from cutover.handlers.table_log import report_mirror
from cutover.tables.mirror import mirror
from cutover.tables.stream import records_of
from cutover.tables.tuning import TUNING


def handler(event: Any, context: Any) -> Any:
    """Answers `{"batchItemFailures": [...]}`; what is raised fails the whole batch and holds the shard."""
    telemetry.quiet()
    report = mirror(records_of(event), parts_here(), stop=near_end(context, TUNING.deadline_margin))
    report_mirror(report)
    return report.response
