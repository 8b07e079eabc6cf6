"""An application that goes on writing: URL FOLDER ITEMS PER_SECOND SEED. It knows nothing of a migration."""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from cutover.aws.session import Aws
from tests.dynamodb_local import REGION
from tests.million.world import SOURCE, Folder, any_number, item, key


def write(client: Any, number: int, version: int, rng: random.Random) -> str:
    """One write of a kind that is drawn; gives its name. A deleted item comes back when it is put again."""
    drawn = rng.random()
    if drawn < 0.3:
        old = client.delete_item(TableName=SOURCE, Key=key(number), ReturnValues="ALL_OLD")
        return "deletes" if "Attributes" in old else "deletes of nothing"
    if drawn < 0.6:
        client.update_item(
            TableName=SOURCE,
            Key=key(number),
            UpdateExpression="SET #b = :b, touched = :v ADD hits :one",
            ExpressionAttributeNames={"#b": "b"},
            ExpressionAttributeValues={
                ":b": {"B": bytes([version % 256])},
                ":v": {"N": str(version)},
                ":one": {"N": "1"},
            },
        )
        return "updates"
    old = client.put_item(TableName=SOURCE, Item=item(number, version), ReturnValues="ALL_OLD")
    return "replacements" if "Attributes" in old else "inserts and re-inserts"


def main() -> None:
    url, folder_name, items, per_second, seed = sys.argv[1:]
    folder, rng, done = Folder(Path(folder_name)), random.Random(int(seed)), Counter[str]()
    client = Aws(region=REGION, endpoint_url=url).client("dynamodb", attempts=3)
    version, due = 0, time.monotonic()
    while not folder.writers_stop.exists():
        version += 1
        done[write(client, any_number(rng, int(items)), version, rng)] += 1
        due = max(due + 1 / float(per_second), time.monotonic() - 1)
        time.sleep(max(due - time.monotonic(), 0))
    folder.result("writers").write_text(json.dumps(done), encoding="utf-8")
    folder.writers_done.touch()


if __name__ == "__main__":
    main()
