"""The shape of the code: who may import whom, and what no file may do."""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "cutover"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

CORE = {"users": {"users"}, "tables": {"tables"}, "control": {"control", "users", "tables"}}
"""The core's parts and what each may import of it; the two halves do not know each other."""

EDGES = {"aws", "handlers", "cli", "rehearsal"}
INWARD = {
    "aws": {"aws", *CORE},
    "handlers": {"handlers", "aws", *CORE},
    "cli": {"cli", "aws", "rehearsal", *CORE},
    "rehearsal": {"rehearsal", "aws", *CORE},
    **CORE,
}

MAY_IMPORT = {
    "boto3": {"aws", "rehearsal"},
    "botocore": {"aws", "rehearsal"},
    "aws_lambda_powertools": {"handlers"},
    "click": {"cli"},
    "rich_click": {"cli"},
    "rich": {"cli", "rehearsal"},
    "tomlkit": {"cli"},
}
"""Third parties, and the folders that may use them; in the rehearsal anything goes, in the core nothing."""

LAMBDA_HAS = {"boto3", "botocore", "aws_lambda_powertools"}
MOST_LINES = 250
MOST_LINES_OF_A_TEST = 450
MOST_LINES_OF_A_HANDLER = 80


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def part_of(path: Path) -> str:
    """The folder below the package; empty for `cutover` itself and its errors."""
    parts = path.relative_to(PACKAGE).parts
    if parts == ("__main__.py",):
        return "cli"
    return parts[0] if len(parts) > 1 else ""


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def imports_of(path: Path) -> frozenset[str]:
    """The dotted names that a file imports anywhere in it, of `from a import b` both `a` and `a.b`."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def outsiders(path: Path) -> set[str]:
    """The third parties that a file imports."""
    return {name.split(".")[0] for name in imports_of(path)} - sys.stdlib_module_names - {"cutover"}


def calls_of(path: Path) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)}


def offenders(paths: Iterable[Path], offence: Callable[[Path], object]) -> dict[str, object]:
    """What each file is guilty of, by its name."""
    return {name_of(path): found for path in paths if (found := offence(path))}


def test_imports_point_one_way() -> None:
    def inward(path: Path) -> set[str]:
        ours = {name.split(".")[1] for name in imports_of(path) if name.startswith("cutover.")}
        return {name for name in ours if (PACKAGE / name).is_dir()} - INWARD.get(part_of(path), set())

    assert offenders(SOURCES, inward) == {}


def test_third_parties_stay_at_the_edges() -> None:
    def foreign(path: Path) -> set[str]:
        part = part_of(path)
        return outsiders(path) - {name for name, parts in MAY_IMPORT.items() if part in parts}

    assert offenders([path for path in SOURCES if part_of(path) != "rehearsal"], foreign) == {}


def test_the_functions_load_nothing_that_their_zip_does_not_hold() -> None:
    waiting = [f"cutover.handlers.{path.stem}" for path in (PACKAGE / "handlers").glob("*.py")]
    loaded: set[Path] = set()
    while waiting:
        path = file_of(waiting.pop())
        if path is not None and path not in loaded:
            loaded.add(path)
            waiting += imports_of(path)
    assert offenders(loaded, lambda path: outsiders(path) - LAMBDA_HAS) == {}
    assert offenders(loaded, lambda path: {part_of(path)} - {"", "handlers", "aws", *CORE}) == {}


def file_of(module: str) -> Path | None:
    below = (ROOT / "src").joinpath(*module.split("."))
    return next((path for path in (below.with_suffix(".py"), below / "__init__.py") if path.exists()), None)


def test_a_file_fits_a_head() -> None:
    def surplus(most: int) -> Callable[[Path], int]:
        return lambda path: max(0, len(path.read_text(encoding="utf-8").splitlines()) - most)

    assert offenders(SOURCES, surplus(MOST_LINES)) == {}
    assert offenders(TESTS, surplus(MOST_LINES_OF_A_TEST)) == {}


def test_a_handler_only_puts_its_parts_together() -> None:
    def surplus(path: Path) -> int:
        return max(0, len(path.read_text(encoding="utf-8").splitlines()) - MOST_LINES_OF_A_HANDLER)

    assert offenders((PACKAGE / "handlers").glob("*.py"), surplus) == {}


def test_a_file_says_what_it_is_for() -> None:
    assert offenders(SOURCES, lambda path: not ast.get_docstring(tree_of(path))) == {}


def test_only_render_prints() -> None:
    """The rehearsal's own processes write their logs; whom it tells its story, it tells by a console."""
    printers = {"print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write", "Console"}
    quiet = [path for path in SOURCES if path.name != "render.py" and part_of(path) != "rehearsal"]
    assert offenders(quiet, lambda path: calls_of(path) & printers) == {}


def test_tests_hand_over_fakes_and_patch_nothing() -> None:
    assert offenders(TESTS, lambda path: patches(tree_of(path))) == {}


@pytest.mark.parametrize(
    "source",
    [
        "from unittest.mock import patch",
        "from unittest import mock\nwith mock.patch('cutover.aws.session.Aws'): f()",
        "def test_it(mocker): f()",
        "monkeypatch.setattr('cutover.cli.main.main', f)",
        "monkeypatch.setattr(main, 'VERBS', ())",
    ],
)
def test_a_patch_would_be_seen(source: str) -> None:
    assert patches(ast.parse(source))


def patches(tree: ast.Module) -> list[str]:
    """What replaces code behind its back. A stream of the process is no code."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "patch" for alias in node.names):
            found.append("patch")
        elif isinstance(node, ast.FunctionDef):
            found += [argument.arg for argument in node.args.args if argument.arg == "mocker"]
        elif isinstance(node, ast.Call):
            name, first = ast.unparse(node.func), [ast.unparse(argument) for argument in node.args[:1]]
            found += [name] if "mock.patch" in name else []
            found += [one for one in first if name.endswith("monkeypatch.setattr") and "sys.std" not in one]
    return found


def test_a_test_s_chance_has_a_seed() -> None:
    """A test that is red by luck says nothing about a change; `make search` tries its luck."""
    assert offenders(TESTS, lambda path: unseeded(tree_of(path))) == {}


@pytest.mark.parametrize(
    "source",
    [
        "random.Random()",
        "random.SystemRandom()",
        "random.choice(words)",
        "field(default_factory=random.Random)",
        "@settings(derandomize=False)\ndef test_it(): f()",
    ],
)
def test_chance_without_a_seed_would_be_seen(source: str) -> None:
    assert unseeded(ast.parse(source))


def unseeded(tree: ast.Module) -> list[str]:
    """What differs from one run to the next: chance of no seed, and examples that a test has drawn anew."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name == "random.Random":
                found += [] if node.args else [name]
            elif name.startswith("random."):
                found.append(name)
        elif isinstance(node, ast.keyword):
            said = f"{node.arg}={ast.unparse(node.value)}"
            found += [said] if said in {"default_factory=random.Random", "derandomize=False"} else []
    return found


def test_nothing_swallows_every_error() -> None:
    assert offenders(SOURCES, lambda path: swallowed(tree_of(path))) == {}


@pytest.mark.parametrize(
    "source",
    [
        "try: f()\nexcept Exception: pass",
        "try: f()\nexcept: ...",
        "try: f()\nexcept (ValueError, Exception): 'never mind'",
        "with contextlib.suppress(Exception): f()",
    ],
)
def test_a_swallowed_error_would_be_seen(source: str) -> None:
    assert swallowed(ast.parse(source))


def swallowed(tree: ast.Module) -> list[int]:
    """The lines on which everything that can go wrong is caught and nothing is done about it."""
    everything = {"Exception", "BaseException"}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "BaseException"
            if everything & set(caught.strip("()").split(", ")) and all(map(idle, node.body)):
                found.append(node.lineno)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            found += [node.lineno for argument in node.args if ast.unparse(argument) in everything]
    return found


def idle(line: ast.stmt) -> bool:
    constant = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return constant or isinstance(line, ast.Pass | ast.Continue)


def test_nothing_is_left_for_later() -> None:
    words = {"TO" + "DO", "FIX" + "ME", "XX" + "X"}

    def left(path: Path) -> set[str]:
        return words & set(re.findall(r"\w+", path.read_text(encoding="utf-8")))

    assert offenders([*SOURCES, *TESTS], left) == {}
