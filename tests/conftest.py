"""What holds for every test: no network, no AWS account, no password that gets away."""

from __future__ import annotations

import os

from hypothesis import settings
from moto.core.config import default_user_config

from tests import libraries, network

pytest_plugins = ("tests.leaks", "tests.local_stack", "tests.dynamodb_local", "pytester")

# A busy machine is no failure, and a check says the same each time. `make search` looks for what is new.
settings.register_profile("check", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("search" if "CUTOVER_SEARCH" in os.environ else "check")

# moto would put credentials of its own beside these, and leave them there while a module keeps it running.
default_user_config["core"]["mock_credentials"] = False
network.bury_credentials()
network.forbid()
libraries.remember()
