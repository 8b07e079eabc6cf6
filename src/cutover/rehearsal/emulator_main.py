"""The emulator's process: `python -m cutover.rehearsal.emulator_main`, with its settings in the environment.

Two things differ from `ministack` itself. Its own players of stream and queue mappings are silenced: the one
loses the records of a partial failure and retries without end, the other fails on a concurrency that a
template's parameter filled in. `rehearsal.pump` plays both instead. And the
process ends with the one that started it, however that ended: its standard input is a pipe that closes.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def _deliver_nothing() -> bool:
    """In the place of the emulator's own pollers: never a batch was taken."""
    return False


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> None:
    from ministack import app  # type: ignore[import-untyped]
    from ministack.services import lambda_svc  # type: ignore[import-untyped]

    # private names: the pinned version has no switch for either
    lambda_svc._poll_dynamodb_streams = _deliver_nothing  # noqa: SLF001
    lambda_svc._poll_sqs = _deliver_nothing  # noqa: SLF001
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["ministack"]
    app.main()


if __name__ == "__main__":
    main()
