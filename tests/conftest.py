"""What holds for every test: no network, no AWS account, no password that gets away."""

from __future__ import annotations

from hypothesis import settings
from moto.core.config import default_user_config

from tests import libraries, network

pytest_plugins = ("tests.leaks", "tests.local_stack", "tests.dynamodb_local", "pytester")

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")

# moto would put credentials of its own beside these, and leave them there while a module keeps it running.
default_user_config["core"]["mock_credentials"] = False
network.bury_credentials()
network.forbid()
libraries.remember()
