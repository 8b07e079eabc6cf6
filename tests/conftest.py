"""What holds for every test: no network, no AWS account, no password that gets away."""

from __future__ import annotations

from tests import network

pytest_plugins = ("tests.leaks", "tests.local_stack", "tests.dynamodb_local", "pytester")

network.bury_credentials()
network.forbid()
