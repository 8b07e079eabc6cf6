"""The real template with a dozen pairs on the local stack: one that is stuck holds none of the others."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cutover.rehearsal.deploy import deploy
from cutover.rehearsal.local import Local
from cutover.tables.ledger_rows import pair_key
from tests.rehearsal import probes
from tests.template.expanding import TEMPLATE

pytestmark = [pytest.mark.local_stack, pytest.mark.slow]


@dataclass(frozen=True)
class Dozen:
    local: Local
    names: tuple[str, ...]
    ledger: str

    def put(self, name: str, value: str) -> None:
        item = {"id": {"S": "a"}, "v": {"S": value}}
        self.local.client("dynamodb").put_item(TableName=name, Item=item)

    def arrived(self, value: str) -> set[str]:
        """The sources whose target holds `value`."""
        found = set()
        for name in self.names:
            reply = self.local.client("dynamodb").get_item(TableName=f"{name}-new", Key={"id": {"S": "a"}})
            if reply.get("Item", {}).get("v") == {"S": value}:
                found.add(name)
        return found

    def pause(self, name: str, *, paused: bool) -> None:
        row = {**pair_key(f"{name}={name}-new", "pace"), "paused": {"BOOL": paused}, "reason": {"S": "lunch"}}
        self.local.client("dynamodb").put_item(TableName=self.ledger, Item=row)


@pytest.fixture
def dozen(running_stack: Local) -> Iterator[Dozen]:
    mark = uuid.uuid4().hex[:6]
    names = tuple(f"dozen-{mark}-{number:02}" for number in range(12))
    streams = [probes.streamed_table(running_stack, name) for name in names]
    targets = [probes.streamed_table(running_stack, f"{name}-new") for name in names]
    parameter, bucket, stack = f"/cutover/{mark}/tables", f"dozen-{mark}", f"dozen-{mark}"
    running_stack.client("s3").create_bucket(Bucket=bucket)
    running_stack.client("ssm").put_parameter(
        Name=parameter,
        Value=json.dumps([{"source": name, "target": f"{name}-new"} for name in names]),
        Type="String",
        Tier="Advanced",
    )
    values = {
        "Tables": f"ssm:{parameter}",
        "SourceTableArns": ",".join(one.partition("/stream/")[0] for one in streams),
        "TargetTableArns": ",".join(one.partition("/stream/")[0] for one in targets),
        "SourceStreamArns": ",".join(streams),
        "OnAws": "false",
    }
    made = deploy(running_stack.client, TEMPLATE, stack, values, bucket=bucket)
    outputs = {row["OutputKey"]: row["OutputValue"] for row in made["Outputs"]}
    yield Dozen(running_stack, names, outputs["LedgerTable"])
    running_stack.client("cloudformation").delete_stack(StackName=stack)


def test_eleven_go_on_while_one_is_paused_and_it_catches_up_after(dozen: Dozen) -> None:
    stuck, *others = dozen.names
    dozen.pause(stuck, paused=True)
    for name in dozen.names:
        dozen.put(name, "1")
    assert probes.until(lambda: set(others) <= dozen.arrived("1"), 120)
    for name in others:
        dozen.put(name, "2")
    assert probes.until(lambda: set(others) == dozen.arrived("2"), 120)
    assert dozen.arrived("1") == set()
    dozen.pause(stuck, paused=False)
    assert probes.until(lambda: dozen.arrived("1") == {stuck}, 120)
