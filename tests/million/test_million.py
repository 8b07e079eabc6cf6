"""The run of `make million`, with few items: killed, throttled, delivered twice and late, it ends equal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.million.run import MillionRun, Plan
from tests.million.world import Folder

pytestmark = [pytest.mark.dynamodb_local, pytest.mark.slow]


def test_it_ends_equal_after_kills_faults_and_duplicates(dynamodb_local: str, tmp_path: Path) -> None:
    plan = Plan(items=2000, kills=2, writes_per_second=80, storm_every=60)
    report = MillionRun(dynamodb_local, plan, Folder(tmp_path)).run()
    assert report["equal"]
    assert report["kills"] == 2
    assert report["mirror"]["records"] > 100
    assert report["mirror"]["delivered twice"] > 0
    assert sum(report["faults_of_the_mirror"].values()) > 0
