from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.verbs import Shell


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    """A shell in an empty folder, so that no samconfig.toml is found by accident."""
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capsys)
