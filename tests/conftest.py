"""What holds for every test: no network, no AWS account, no password that gets away."""

from __future__ import annotations

import gc
import os
import signal

from hypothesis import settings
from moto.core.config import default_user_config

from tests import libraries, network

pytest_plugins = ("tests.ordering", "tests.leaks", "tests.local_stack", "tests.dynamodb_local", "pytester")

# A busy machine is no failure (deadline). The same examples each time: red for what changed, not by luck;
# `make search` (CUTOVER_SEARCH) looks for new ones.
settings.register_profile("the same", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("search" if os.environ.get("CUTOVER_SEARCH") else "the same")

# moto would put credentials of its own beside these, and leave them there while a module keeps it running.
default_user_config["core"]["mock_credentials"] = False
network.bury_credentials()
network.forbid()
libraries.remember()

# Under nohup, or as a job in the background, a process ignores Ctrl-C, and so does whatever it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: looking through it for garbage again and again was a fifth of
    the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
