"""The project's own verify as a process, so that its memory can be measured: URL FOLDER THREADS."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.bench.ours import Ours
from tests.dynamodb_local import REGION
from tests.million.world import LEDGER, PAIR, Folder, peak_memory


def main() -> None:
    url, folder_name, threads = sys.argv[1:]
    result = Ours(url, REGION, PAIR, LEDGER, int(threads)).compare()
    row = {"compared": result.compared, "differences": result.differences, "peak_mb": peak_memory()}
    Folder(Path(folder_name)).result("verify").write_text(json.dumps(row), encoding="utf-8")


if __name__ == "__main__":
    main()
