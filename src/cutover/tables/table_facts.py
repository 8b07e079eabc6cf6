"""What a table says about itself, and the pace that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from cutover.tables.governor import Defaults

READ_SHARE_OF_SOURCE = 0.25
"""Of a provisioned source: the application that lives on it keeps three quarters."""
SHARE_OF_TARGET = 0.5
"""Of a provisioned target: the mirror writes there too."""


@dataclass(frozen=True)
class TableFacts:
    """`items` and `bytes` are DynamoDB's own estimate, about six hours old:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html

    The units are what is provisioned, None for an on-demand table.
    """

    name: str
    items: int
    bytes: int
    read_units: float | None = None
    write_units: float | None = None
    stream_arn: str | None = None
    ttl_attribute: str | None = None
    arn: str = ""
    table_id: str = ""
    """Another one where a table of the same name was made anew."""


def default_paces(source: TableFacts, target: TableFacts) -> Defaults:
    """A share of what is provisioned. An on-demand table has no limit but its own: there calls back off."""
    return Defaults(
        source_read=_share(source.read_units, READ_SHARE_OF_SOURCE),
        target_read=_share(target.read_units, SHARE_OF_TARGET),
        target_write=_share(target.write_units, SHARE_OF_TARGET),
    )


def _share(units: float | None, share: float) -> float | None:
    return None if units is None else max(units * share, 1.0)
