"""One turn of a backfill on many machines; template.yaml's state machine calls it until all is done."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

from cutover.aws.backfill_parts import BackfillParts, backfill_parts
from cutover.aws.table_parts import TableSettings, read_table_settings
from cutover.handlers import telemetry
from cutover.handlers.backfill_log import no_values_told, report_turn, say
from cutover.handlers.deadline import near_end
from cutover.handlers.invocation import SdkEnvironment, aws_here, sdk_environment
from cutover.tables.backfill_hand import LAST_PAGE_SECONDS
from cutover.tables.backfill_task import Task
from cutover.tables.backfill_turn import take_turn
from cutover.tables.tuning import TUNING


def handler(event: Any, context: Any) -> Any:
    """Answers what `backfill_task.Turn.data` says; what is raised nobody foresaw, or is a wrong setting."""
    telemetry.quiet()
    task = Task.of(event)
    soon = near_end(context, TUNING.deadline_margin)
    sooner = near_end(context, TUNING.deadline_margin + LAST_PAGE_SECONDS)
    with no_values_told(task):
        parts = _parts(read_table_settings(os.environ), sdk_environment())
        turn = take_turn(task, lambda: parts.desk(task, near_end=soon, enough=sooner, say=say))
    report_turn(task, turn)
    return turn.data()


@lru_cache(maxsize=1)
def _parts(settings: TableSettings, sdk: SdkEnvironment) -> BackfillParts:
    return backfill_parts(settings, aws_here(sdk))
