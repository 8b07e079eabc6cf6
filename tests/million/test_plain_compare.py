"""The comparison that shares nothing with the project finds each kind of difference, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from cutover.aws.session import Aws
from cutover.aws.table_pairs import table_client
from tests.million import world
from tests.million.plain_compare import compare

REGION = "eu-west-1"

pytestmark = pytest.mark.slow


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


def test_missing_extra_and_changed_items_are_named(url: str) -> None:
    client = table_client(Aws(region=REGION, endpoint_url=url))
    world.make_tables(client)
    for table in (world.SOURCE, world.TARGET):
        for number in range(6):
            client.put_item(TableName=table, Item=world.item(number, 0))
    assert compare(url, REGION, world.SOURCE, world.TARGET) == (6, 6, [])
    client.delete_item(TableName=world.TARGET, Key=world.key(0))
    client.put_item(TableName=world.TARGET, Item=world.item(9, 0))
    client.put_item(TableName=world.TARGET, Item=world.item(3, 1))
    names = [f"item-{number:07d}" for number in (0, 3, 9)]
    assert compare(url, REGION, world.SOURCE, world.TARGET) == (6, 6, names)
