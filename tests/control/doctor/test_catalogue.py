"""The catalogue of codes is what the checks say and what the documentation says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from cutover.control.doctor.findings import CATALOGUE

ROOT = Path(__file__).parents[3]
CHECKS = ROOT / "src" / "cutover" / "control" / "doctor"
PAGE = ROOT / "docs" / "doctor.md"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([\w ]+) \|", re.MULTILINE)


def test_the_documentation_has_the_table_of_the_code() -> None:
    documented = {code: (area, severity) for code, severity, area in ROW.findall(PAGE.read_text("utf-8"))}
    assert documented == {code: (area.value, grade.value) for code, (area, grade) in CATALOGUE.items()}


def test_every_code_that_a_check_makes_is_in_the_catalogue() -> None:
    made = {
        node.value
        for path in CHECKS.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Finding"
        for node in ast.walk(call.args[0])
        if isinstance(node, ast.Constant)
    }
    assert len(made) > 40
    assert made - CATALOGUE.keys() == set()
