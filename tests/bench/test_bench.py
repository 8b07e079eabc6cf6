"""`make bench` with so few items that it says nothing, but does all that it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PUTS_NOTHING = "#!/bin/sh\nexit 0\n"


def test_it_measures_each_way_beside_its_plain_one(tmp_path: Path) -> None:
    aws, result = tmp_path / "aws", tmp_path / "bench.json"
    aws.write_text(PUTS_NOTHING, encoding="ascii")
    aws.chmod(0o755)
    sizes = ["--items", "40", "--records", "40", "--runs", "1", "--aws-items", "2"]
    subprocess.run(
        [sys.executable, "-m", "tests.bench", *sizes, "--aws", str(aws), "--result", str(result)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))},
        check=True,
    )
    measured = json.loads(result.read_text(encoding="utf-8"))
    assert measured["context"]["ratios_with_delay"]["mirror_over_put_per_record"] > 0
    ratios = measured["ratios"]
    assert ratios.keys() == {
        "backfill_over_blind_copy",
        "mirror_over_put_per_record",
        "verify_over_bare_scans",
        "backfill_over_aws_put_item_each",
    }
    assert all(ratio > 0 for ratio in ratios.values())
