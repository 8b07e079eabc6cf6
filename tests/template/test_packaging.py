"""What is installed where: the functions' zip, the pins, the settings of SAM CLI."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.template.expanding import TEMPLATE

ROOT = TEMPLATE.parent
RUNTIME = {"boto3", "botocore", "s3transfer", "urllib3", "dateutil", "six", "jmespath"}
"""https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html: the runtime brings the SDK."""
ZIPPED = {"cutover", "aws_lambda_powertools", "typing_extensions"}
TAKEN_WHERE_THERE = {"certifi", "sitecustomize", "usercustomize"}
"""Of botocore and of Python: imported where they are installed, and done without where not."""
HANDLERS = ("migrate_user", "settle_user", "mirror_table", "retry_keys")
PIN = re.compile(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+]+")


def _lines(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _imported_by(handler: str) -> set[str]:
    """The top-level names of what importing a handler loads, the standard library left out."""
    code = f"import sys, cutover.handlers.{handler}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name for name in done.stdout.split() if name not in sys.stdlib_module_names and name[0] != "_"}


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_function_imports_nothing_that_its_zip_lacks(handler: str) -> None:
    assert _imported_by(handler) - RUNTIME - ZIPPED - TAKEN_WHERE_THERE == set()


def test_the_zip_holds_one_library() -> None:
    assert [line.split("==")[0] for line in _lines("src/requirements.txt")] == ["aws-lambda-powertools"]


@pytest.mark.parametrize("name", ["constraints.txt", "src/requirements.txt"])
def test_every_requirement_is_pinned_and_comes_from_no_place_in_particular(name: str) -> None:
    assert [line for line in _lines(name) if not PIN.fullmatch(line)] == []


def test_the_pins_agree_with_those_of_the_project() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras: dict[str, list[str]] = tomllib.load(file)["project"]["optional-dependencies"]
    wanted = [line for lines in extras.values() for line in lines] + _lines("src/requirements.txt")
    pinned = {_plain(line) for line in wanted if PIN.fullmatch(line) or "]==" in line}
    assert pinned <= {_plain(line) for line in _lines("constraints.txt")}


def test_every_direct_requirement_has_a_pin() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras: dict[str, list[str]] = tomllib.load(file)["project"]["optional-dependencies"]
    names = {_name(line) for lines in extras.values() for line in lines} - {"cutover"}
    assert names <= {_name(line) for line in _lines("constraints.txt")}


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~ ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _plain(pin: str) -> str:
    return f"{_name(pin)}=={pin.rpartition('==')[2]}"


@pytest.fixture(scope="module")
def samconfig() -> dict[str, Any]:
    with Path(ROOT / "samconfig.toml").open("rb") as file:
        return dict(tomllib.load(file)["default"])


@pytest.mark.parametrize("command", ["build", "deploy"])
def test_sam_expands_the_stream_mappings(samconfig: dict[str, Any], command: str) -> None:
    assert samconfig[command]["parameters"]["language_extensions"] is True


def test_the_checkout_names_a_stack(samconfig: dict[str, Any]) -> None:
    assert samconfig["global"]["parameters"]["stack_name"] == "cutover"


def test_the_checkout_ships_no_parameters(samconfig: dict[str, Any]) -> None:
    """They are the user's; the first guided deployment writes them."""
    assert not [name for name, row in samconfig.items() if "parameter_overrides" in row["parameters"]]
