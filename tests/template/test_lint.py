"""cfn-lint on the template as it stands."""

from __future__ import annotations

from cfnlint.api import lint_file

from tests.template.expanding import TEMPLATE


def test_the_linter_finds_nothing() -> None:
    assert [str(match) for match in lint_file(TEMPLATE)] == []
