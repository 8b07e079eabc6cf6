"""A dozen table pairs as a deployment would name them."""

from __future__ import annotations

import json

from tests.template.expanding import ACCOUNT, REGION

PAIRS = 12


def names(prefix: str = "shop-production-customer-orders-archive") -> list[str]:
    """Source tables; each target has `-new` behind it."""
    return [f"{prefix}-{number:02}" for number in range(PAIRS)]


def arn(table: str, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:dynamodb:{region}:{account}:table/{table}"


def stream(table: str) -> str:
    return f"{arn(table)}/stream/2026-01-01T00:00:00.000"


def pairs_json(tables: list[str]) -> str:
    """As the parameter of Systems Manager holds them, by ARN and with a transform each."""
    rows = [
        {
            "source": arn(name),
            "target": arn(f"{name}-new", account="210987654321"),
            "transform": "transforms.orders:to_new_shape",
            "inverse": "transforms.orders:to_old_shape",
        }
        for name in tables
    ]
    return json.dumps(rows)


def parameters(tables: list[str]) -> dict[str, str]:
    return {
        "Tables": "ssm:/cutover/tables",
        "SourceTableArns": ",".join(map(arn, tables)),
        "TargetTableArns": ",".join(arn(f"{name}-new") for name in tables),
        "SourceStreamArns": ",".join(map(stream, tables)),
    }
