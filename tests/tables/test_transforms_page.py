"""What docs/transforms.md shows is taken by the code, and its functions are what they say they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from cutover.tables.key_check import check_keys
from cutover.tables.pairs import parse_pairs
from cutover.tables.transform import Transform
from tests.tables.keyed import sub

PAGE = (Path(__file__).parents[2] / "docs" / "transforms.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def functions() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for block in blocks("python"):
        exec(block, names)
    return names


def test_the_pair_on_the_page_is_one_that_tables_takes() -> None:
    ((pair,),) = [parse_pairs(block) for block in blocks("json")]
    check_keys(pair, [("pk", "S")], [("owner", "S")])
    assert pair.subs[0] == ("pk", "USER#{sub}")


def test_the_function_on_the_page_leaves_out_and_changes() -> None:
    forward = functions()["forward"]
    order = {"pk": {"S": sub(1)}, "total": {"S": "5"}, "kind": {"S": "order"}}
    assert forward({**order, "kind": {"S": "draft"}}) is None
    assert forward(order) == {**order, "total": {"N": "5"}}


def test_the_key_function_on_the_page_and_its_inverse_go_together() -> None:
    made = functions()
    transform = Transform(
        key=made["key"], inverse=made["inverse"], source_keys=("shop", "number"), target_keys=("id",)
    )
    source_key = {"shop": {"S": "a#b"}, "number": {"N": "7"}}
    assert transform.source_key(transform.target_key(source_key)) == source_key
    assert transform.source_key({"id": {"S": "their own"}}) is None
