"""`cutover status --follow`: the lag screen, look after look, until somebody ends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from cutover.aws.faults import error_code
from cutover.aws.lag_reader import LagReader
from cutover.aws.open_pairs import pairs_of
from cutover.aws.table_faults import AWS_ERRORS
from cutover.cli.lag_screen import lines, screen
from cutover.cli.options import Invocation
from cutover.errors import UsageError


def follow(invocation: Invocation, every: float, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Looks every so many seconds and shows it, in place on a terminal and as lines elsewhere, until Ctrl-C.

    Raises UsageError in JSON mode and for a stack without tables, and the first look's own errors. Where a
    later look fails, that is said below what was seen last, and the next one follows: a network that is away
    for a minute ends no watching.
    """
    if invocation.render.json_output:
        raise UsageError(
            "--follow and --output json do not go together",
            cause="JSON is one answer, and this goes on",
            fix="ask for `status --output json` again and again instead",
        )
    deployment = invocation.deployment()
    reader = LagReader(invocation.aws, deployment, pairs_of(deployment, invocation.aws))
    facts = reader.look()
    with suppress(KeyboardInterrupt), invocation.render.live() as live:
        while True:
            live(screen(facts), tuple(lines(facts)))
            sleep(every)
            try:
                facts = reader.look()
            except AWS_ERRORS as error:
                facts = replace(facts, unread=(f"the last look failed ({error_code(error)})",))
