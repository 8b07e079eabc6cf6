"""The catalogue of codes is what the checks say and what the documentation says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from cutover.control.doctor.findings import CATALOGUE, Area
from cutover.control.doctor.links import LINKS

ROOT = Path(__file__).parents[3]
CHECKS = ROOT / "src" / "cutover" / "control" / "doctor"
PAGE = ROOT / "docs" / "doctor.md"
MAKERS = {"Finding", "_short", "_Text"}
"""What takes a code first."""
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([\w ]+) \|", re.MULTILINE)


def test_the_documentation_has_the_table_of_the_code() -> None:
    documented = {code: (area, severity) for code, severity, area in ROW.findall(PAGE.read_text("utf-8"))}
    assert documented == {code: (area.value, grade.value) for code, (area, grade) in CATALOGUE.items()}


def test_every_link_is_of_a_code_and_leads_to_aws() -> None:
    assert LINKS.keys() - CATALOGUE.keys() == set()
    assert all(link.startswith("https://docs.aws.amazon.com/") for link in LINKS.values())


def test_every_code_that_a_check_makes_is_in_the_catalogue() -> None:
    made = {
        node.value
        for path in CHECKS.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in MAKERS
        for node in ast.walk(call.args[0])
        if isinstance(node, ast.Constant)
    }
    assert len(made) > 80
    assert made - CATALOGUE.keys() == set()


def test_every_code_of_the_tables_areas_is_made_by_a_check() -> None:
    """Those of the users' areas may be attach's own refusals."""
    text = "".join(path.read_text("utf-8") for path in CHECKS.glob("table_*.py"))
    areas = {Area.TABLES, Area.STREAMS, Area.CAPACITY, Area.ITEMS}
    codes = [code for code, (area, _) in CATALOGUE.items() if area in areas]
    assert [code for code in codes if f'"{code}"' not in text] == []
