"""The pool's settings before a change, in a file that only its owner can read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cutover.errors import UsageError


def snapshot_path(given: str | None, pool_id: str, now: datetime) -> Path:
    """`given`, or a file of the pool and the moment (UTC) below XDG_STATE_HOME (~/.local/state).

    Raises UsageError where the file exists: a snapshot is never overwritten.
    """
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    moment = now.strftime("%Y%m%dT%H%M%S.%fZ")
    path = Path(given) if given else folder / "cutover" / "snapshots" / f"{pool_id}-{moment}.json"
    if path.exists():
        raise UsageError(f"{path} exists", cause="a snapshot is never overwritten", fix="name another file")
    if given and not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", fix="make it, or name another file")
    return path


def write_snapshot(path: Path, snapshot: Mapping[str, Any]) -> str:
    """Writes it with mode 0600 and gives its name. Raises OSError, FileExistsError among them."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(snapshot, file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return str(path)
