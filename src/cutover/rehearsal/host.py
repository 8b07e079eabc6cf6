"""The local stack's own process: `python -m cutover.rehearsal.host [--enforce-iam]`.

It prints one line of JSON once it answers (`{"url": …, "folder": …}`, or `{"error": …}`), and ends when its
standard input closes, unless it read the word `keep` there before; then a SIGTERM ends it. Whatever way it
ends, its folder of temporary files goes with it.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from cutover.errors import CutoverError
from cutover.rehearsal.stack import LocalStack

KEEP = "keep"
REMOVALS = 20
PAUSE_SECONDS = 0.1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--enforce-iam", action="store_true")
    arguments = parser.parse_args()
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder = Path(tempfile.mkdtemp(prefix="cutover-rehearsal-"))
    logging.basicConfig(filename=folder / "host.log", level=logging.WARNING)
    try:
        with LocalStack(folder, enforce_iam=arguments.enforce_iam) as stack:
            print(json.dumps({"url": stack.url, "folder": str(folder)}), flush=True)  # noqa: T201 - the protocol of this process
            threading.Thread(target=_until_input_closes, args=(over,), daemon=True).start()
            over.wait()
    except CutoverError as error:
        print(json.dumps({"error": error.message, "cause": error.cause, "fix": error.fix}), flush=True)  # noqa: T201
        return error.exit_code
    finally:
        _remove(folder)
    return 0


def _remove(folder: Path) -> None:
    """A function that was just killed may still be leaving a file there."""
    for _ in range(REMOVALS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(PAUSE_SECONDS)


def _until_input_closes(over: threading.Event) -> None:
    kept = False
    for line in sys.stdin:
        kept = kept or line.strip() == KEEP
    if not kept:
        over.set()


if __name__ == "__main__":
    sys.exit(main())
