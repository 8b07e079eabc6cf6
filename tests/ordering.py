"""A pytest plugin: the files that take longest go first, so that no worker ends alone with one of them.

`--dist loadfile` keeps a file on one worker, whose fixtures its tests share, and hands the files
out in the order made here. xdist's own goes by the number of tests (`--no-loadscope-reorder` turns
it off), but one test may take a minute.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

USUAL = 0.03
"""Seconds of a test of a file that is not in `ordering.toml`."""


def measured() -> dict[str, float]:
    """Seconds by file."""
    with (Path(__file__).parent / "ordering.toml").open("rb") as file:
        return dict(tomllib.load(file)["seconds"])


def longest_first(files: Sequence[str], seconds: Mapping[str, float]) -> dict[str, int]:
    """The place of each file; `files` names one for each test, in the order of the tests."""
    took = {name: seconds.get(name, USUAL * tests) for name, tests in Counter(files).items()}
    return {name: place for place, name in enumerate(sorted(took, key=lambda name: -took[name]))}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a worker alone: without xdist, tests run in the order of their names."""
    if hasattr(config, "workerinput"):
        files = [item.nodeid.split("::")[0] for item in items]
        places = longest_first(files, measured())
        items.sort(key=lambda item: places[item.nodeid.split("::")[0]])
