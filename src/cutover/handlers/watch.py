"""Looks, on a schedule, whether all is as it should be, and goes on with what is done a slice at a time."""

from __future__ import annotations

import os
import time
from functools import lru_cache, partial
from typing import Any

from cutover.aws.watch_reader import Watch, watch_parts
from cutover.aws.watch_tables import tables_watch
from cutover.control.watch_settings import WatchSettings, read_watch_settings
from cutover.handlers import owed_log, telemetry, watch_log
from cutover.handlers.deadline import near_end
from cutover.handlers.invocation import SdkEnvironment, aws_here, sdk_environment

MARGIN = 60.0
"""Seconds. A page and its users are looked at within it."""
TABLES_MARGIN = 150.0
"""What the looks at the tables leave to those at the users, and a page or an object of theirs takes."""


@lru_cache(maxsize=1)
def _made(settings: WatchSettings, sdk: SdkEnvironment) -> Watch:
    return watch_parts(settings, aws_here(sdk), watch_log.wait, time.time)


def handler(_event: Any, context: Any) -> None:
    """All looks are tried; only where all succeed does the heartbeat say so. Raises the first fault."""
    telemetry.quiet()
    settings, sdk = read_watch_settings(os.environ), sdk_environment()
    watch, ends = _made(settings, sdk), near_end(context, MARGIN)
    looks = [lambda: watch_log.drift(watch.drift())]
    if settings.tables is not None:
        make = partial(tables_watch, settings.tables, settings.ledger_table, aws_here(sdk), time.time)
        looks += owed_log.looks(make, near_end(context, TABLES_MARGIN), time.time)
    watch_log.all_of([*looks, lambda: watch_log.squatted(watch.squatted(ends))])
