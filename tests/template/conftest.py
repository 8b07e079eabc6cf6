"""The template in the two forms that these tests look at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.expanding import expanded, written


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """As it stands in the file."""
    return written()


@pytest.fixture(scope="session")
def resources() -> dict[str, Any]:
    """The resources after both transforms, for users and tables."""
    return dict(expanded()["Resources"])
