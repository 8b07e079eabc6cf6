"""Which file of tests is handed out first."""

from __future__ import annotations

from pathlib import Path

from tests.ordering import longest_first, measured

ROOT = Path(__file__).parent.parent


def ordered(files: list[str], seconds: dict[str, float]) -> list[str]:
    places = longest_first(files, seconds)
    return sorted(files, key=places.__getitem__)


def test_a_long_file_of_one_test_goes_before_a_short_one_of_many() -> None:
    assert ordered(["many"] * 100 + ["long"], {"long": 60.0}) == ["long"] + ["many"] * 100


def test_a_file_that_nobody_measured_counts_by_its_tests() -> None:
    assert ordered(["few", "many", "many"], {}) == ["many", "many", "few"]


def test_files_of_one_length_keep_their_order() -> None:
    assert ordered(["a", "c", "b"], {}) == ["a", "c", "b"]


def test_every_file_that_was_measured_is_there() -> None:
    assert [name for name in measured() if not (ROOT / name).exists()] == []
