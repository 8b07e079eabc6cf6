"""Looks, on a schedule, whether all is still what attach left, and counts squatters a slice at a time."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from typing import Any

from cutover.aws.watch_reader import Watch, watch_parts
from cutover.control.watch_settings import WatchSettings, read_watch_settings
from cutover.handlers import telemetry, watch_log
from cutover.handlers.deadline import near_end
from cutover.handlers.invocation import SdkEnvironment, aws_here, sdk_environment

MARGIN = 60.0
"""Seconds. A page and its users are looked at within it."""


@lru_cache(maxsize=1)
def _made(settings: WatchSettings, sdk: SdkEnvironment) -> Watch:
    return watch_parts(settings, aws_here(sdk), watch_log.wait, time.time)


def handler(_event: Any, context: Any) -> None:
    """Both looks are tried; only where both succeed does the heartbeat say so. Raises the first fault."""
    telemetry.quiet()
    watch = _made(read_watch_settings(os.environ), sdk_environment())
    ends = near_end(context, MARGIN)
    looks = (
        lambda: watch_log.drift(watch.drift()),
        lambda: watch_log.squatted(watch.squatted(ends)),
    )
    watch_log.all_of(looks)
