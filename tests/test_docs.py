"""The documents are true: every verb is in them, every command in them is one that exists."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import rich_click as click

import cutover.errors
from cutover.cli.main import VERBS, cli

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```(?:console|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:cutover|make) [^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")


def command_of(verb: str) -> click.Command:
    found = cli.get_command(click.Context(cli), verb)
    assert found is not None
    return found


def commands_in(page: Path) -> Iterator[list[str]]:
    """Every `cutover …` and `make …` of the page's blocks and lines, as words. An … stands for any word."""
    text = page.read_text(encoding="utf-8")
    lines = [line for block in FENCED.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    for line in [*lines, *INLINE.findall(text)]:
        words = shlex.split(line.removeprefix("$ "), comments=True)
        while words:
            end = next((at for at, word in enumerate(words) if word in {"&&", "|", ">"}), len(words))
            if words[:1] in (["cutover"], ["make"]):
                yield words[:end]
            words = words[end + 1 :]


DOCUMENTED = [(page, words) for page in PAGES for words in commands_in(page)]


@pytest.mark.parametrize(
    ("page", "words"), DOCUMENTED, ids=[f"{page.name}: {' '.join(words)}" for page, words in DOCUMENTED]
)
def test_a_documented_command_is_one_that_exists(page: Path, words: list[str]) -> None:
    tool, *rest = words
    if tool == "make":
        assert {word for word in rest if "=" not in word} <= targets()
    elif rest and rest[0] != "VERB" and not rest[0].startswith("-"):
        verb, *arguments = rest
        if "--help" not in arguments:
            command_of(verb).make_context(verb, arguments, obj=None)


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_pages_hold_commands() -> None:
    """A change of the fences' form must not empty the test above."""
    verbs = {words[1] for _, words in DOCUMENTED if words[0] == "cutover" and len(words) > 1}
    assert set(VERBS) <= verbs
    assert len(DOCUMENTED) > 40


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_the_file_of_its_name_and_has_a_help_text(verb: str) -> None:
    found = command_of(verb)
    assert found.name == verb
    assert found.help


def test_every_file_that_holds_a_command_is_a_verb() -> None:
    files = {
        path.stem.replace("_", "-")
        for path in (ROOT / "src" / "cutover" / "cli").glob("*.py")
        if re.search(r"^def command\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert files == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_has_a_help_text(verb: str) -> None:
    options = [one for one in command_of(verb).params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_stands_in_the_readme_and_in_the_documents(verb: str) -> None:
    readme, *pages = (page.read_text(encoding="utf-8") for page in PAGES)
    assert re.search(rf"^\| `cutover {verb}[ `]", readme, re.MULTILINE)
    assert any(f"cutover {verb}" in page for page in pages) or verb == "rehearse"


def test_every_exit_code_is_documented() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    kinds = [kind for kind in vars(cutover.errors).values() if isinstance(kind, type)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, cutover.errors.CutoverError)}
    assert documented == {0, *codes}


def test_every_interlock_is_documented() -> None:
    calls = [
        node
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] in {"InterlockRefused", "Refusal"}
    ]
    first = [node.args[0] for node in calls if node.args]
    codes = {str(code.value) for code in first if isinstance(code, ast.Constant)}
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert len(codes) > 20
    assert [code for code in sorted(codes) if f"`{code}`" not in pages] == []


def test_every_parameter_of_the_template_is_documented() -> None:
    """Read by its indentation: no reader of YAML knows CloudFormation's tags."""
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    section = template.partition("\nParameters:\n")[2].partition("\nRules:\n")[0]
    parameters = set(re.findall(r"^  (\w+):$", section, re.MULTILINE))
    rows = re.findall(
        r"^\| (`.+?) \|", (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert len(parameters) > 20
    assert parameters - documented == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_wraps_its_lines(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    prose = [line for line in text.splitlines() if not line.startswith("|") and "](http" not in line]
    assert [line for line in prose if len(line) > 120] == []


def test_every_threat_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("## Threat by threat")[2]
    rows = [row for row in page.splitlines() if row.startswith("| ")][1:]
    named = [re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row) for row in rows]
    assert len(rows) > 15
    assert [row for row, tests in zip(rows, named, strict=True) if not tests] == []
    gone = [
        f"{file}::{name}"
        for tests in named
        for file, name in tests
        if not (ROOT / file).exists() or f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert gone == []
