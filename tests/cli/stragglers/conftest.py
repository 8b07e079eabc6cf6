"""A world of stragglers for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.cli.stragglers.world import REGION, StragglerWorld
from tests.cli.verbs import Shell
from tests.simulator.import_jobs import ImportJobs, import_jobs


@pytest.fixture
def jobs() -> Iterator[ImportJobs]:
    with mock_aws():
        clients = [boto3.client(name, region_name=REGION) for name in ("cognito-idp", "logs")]
        with import_jobs(*clients) as played:
            yield played


MakeWorld = Callable[..., StragglerWorld]


@pytest.fixture
def make_world(jobs: ImportJobs, shell: Shell, tmp_path: Path, unique: Callable[[str], str]) -> MakeWorld:
    def make(new: dict[str, Any] | None = None, old: dict[str, Any] | None = None) -> StragglerWorld:
        return StragglerWorld(shell, tmp_path, unique("app"), jobs, new or {}, old or {})

    return make


@pytest.fixture
def world(make_world: MakeWorld) -> StragglerWorld:
    return make_world()
