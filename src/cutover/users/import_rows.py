"""One straggler as a row of the file that a user import job reads.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-csv-header.html
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cutover.users.attributes import FLAGS, Carried
from cutover.users.names import Target
from cutover.users.ports import PoolRules

USERNAME_COLUMN = "cognito:username"
MFA_COLUMN = "cognito:mfa_enabled"
LONGEST_ROW = 16_000
"""Characters, counted in UTF-16 units where that is more."""
_LATEST_SECOND = 99_999_999_999
"""An `updated_at` beyond it counts milliseconds."""
_SEPARATORS = frozenset('\\"\u2028\u2029')


@dataclass(frozen=True)
class ImportPool:
    """What the new pool asks of the file. `mfa` is its MfaConfiguration: ON, OFF or OPTIONAL."""

    header: tuple[str, ...]
    rules: PoolRules
    mfa: str
    auto_verified: frozenset[str]

    @property
    def mfa_enabled(self) -> str:
        """`true` for everybody where the pool demands a second factor, else nobody: those who have one are
        left out of the file."""
        return "true" if self.mfa == "ON" else "false"


class RowRefused(Exception):
    """This user cannot be a row. `reason` is a code, `detail` a column or a word of ours; never a value."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class ImportRow:
    """`values` by column, absent where empty; `left_behind` are attributes that have no place in the file."""

    values: Mapping[str, str] = field(repr=False)
    left_behind: tuple[str, ...] = ()


def import_row(target: Target, carried: Carried, pool: ImportPool) -> ImportRow:
    """Raises RowRefused. White space at the ends is taken off, as the job itself would."""
    attributes = {name: trimmed(value) for name, value in carried.attributes.items()}
    kept, left = {}, []
    for name, value in attributes.items():
        written = _written(name, value)
        if name not in pool.header or not written:
            left.append(name)
        else:
            kept[name] = written
    for attribute in pool.rules.schema.values():
        if attribute.required and attribute.name != "sub" and not kept.get(attribute.name):
            raise RowRefused("attributes_refused", attribute.name)
    if not any(kept.get(FLAGS[contact]) == "true" and kept.get(contact) for contact in pool.auto_verified):
        raise RowRefused("no_verified_contact")
    values = {**kept, USERNAME_COLUMN: target.name, MFA_COLUMN: pool.mfa_enabled}
    _check_name(target.name)
    return ImportRow(values, tuple(sorted(left)))


def header_line(header: Sequence[str]) -> str:
    return ",".join(header) + "\n"


def line_of(row: ImportRow, header: Sequence[str]) -> str:
    """The line with its end. Nothing is quoted, and only a comma is escaped, with a backslash.

    Raises RowRefused for a value that could shift a column or add a row, and for a line that is too long.
    """
    for name in row.values:
        if is_unsafe(row.values[name]):
            raise RowRefused("unsafe_value", name)
    line = ",".join(row.values.get(name, "").replace(",", "\\,") for name in header)
    if len(line.encode("utf-16-le")) // 2 > LONGEST_ROW:
        raise RowRefused("row_too_long")
    return line + "\n"


def is_unsafe(value: str) -> bool:
    """Whether some reader might see the end of a value, a line or a quotation in it: a backslash, a quotation
    mark, any control character (CR, LF, NUL, U+0085), U+2028, U+2029, half a surrogate pair."""
    return any(char in _SEPARATORS or unicodedata.category(char) in ("Cc", "Cs") for char in value)


def trimmed(value: str) -> str:
    """Without white space at its ends, in Java's sense (up to U+0020) and in Unicode's."""
    shorter = value.strip().strip("".join(map(chr, range(0x21))))
    return shorter if shorter == value else trimmed(shorter)


def _written(name: str, value: str) -> str:
    """The value in the file's form; empty where it has none."""
    if name == "birthdate":
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return ""
        return f"{day.month:02}/{day.day:02}/{day.year:04}"
    if name == "updated_at":
        return value if value.isascii() and value.isdigit() and int(value) <= _LATEST_SECOND else ""
    return value


def _check_name(name: str) -> None:
    if not name or any(char.isspace() for char in name):
        raise RowRefused("name", USERNAME_COLUMN)
