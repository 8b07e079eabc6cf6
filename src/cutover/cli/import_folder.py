"""The folder that an import takes: an export's, or what an earlier import left to try again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cutover.cli.export_files import MANIFEST, digest
from cutover.control.import_plan import ImportFile
from cutover.control.import_runs import ImportRun
from cutover.errors import UsageError


def read_manifest(folder: Path, new_pool: str) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"{folder} holds no export", fix="cutover export-users makes one; it ends with its manifest"
        ) from None
    if manifest["new_pool"] != new_pool:
        raise UsageError(f"{folder} was exported for another pool", cause=str(manifest["new_pool"]))
    return manifest


def file_of(
    folder: Path, manifest: Mapping[str, Any], row: Mapping[str, Any], runs: Mapping[str, ImportRun]
) -> ImportFile:
    for name in ("csv", "people"):
        if digest(folder / row[name]) != row[f"{name}_sha256"]:
            raise unfit(folder, f"{row[name]} was changed since it was exported")
    attempt = int(manifest.get("attempt", 1))
    run_id = row["csv_sha256"][:16] + (f"-{attempt}" if attempt > 1 else "")
    run = runs.get(run_id)
    return ImportFile(row["csv"], row["people"], int(row["rows"]), run_id, run.state.value if run else "")


def unfit(folder: Path, rule: str) -> UsageError:
    return UsageError(
        f"the files in {folder} cannot be imported", cause=rule, fix="export again into another folder"
    )
