"""What a table says about itself, and the pace that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from cutover.tables.limits import Defaults

READ_SHARE_OF_SOURCE = 0.25
"""Of the source: the application that lives on it keeps three quarters."""
SHARE_OF_TARGET = 0.5
"""Of a provisioned target: the mirror writes there too."""
SHARE_OF_WARM_TARGET = 1.0
"""Of an on-demand target: nothing is bought there that could be used up, and the pace gives way to the mirror
when the table throttles."""
NEW_ON_DEMAND_READ = 12_000.0
NEW_ON_DEMAND_WRITE = 4_000.0
"""What a new on-demand table takes a second, where it does not say more itself:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html"""


@dataclass(frozen=True)
class TableFacts:
    """`items` and `bytes` are DynamoDB's own estimate, about six hours old:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html

    The units are what is provisioned, None for an on-demand table. The warm units are what a table takes at
    once, None where it does not say.
    """

    name: str
    items: int
    bytes: int
    read_units: float | None = None
    write_units: float | None = None
    stream_arn: str | None = None
    ttl_attribute: str | None = None
    warm_read_units: float | None = None
    warm_write_units: float | None = None
    arn: str = ""
    table_id: str = ""
    """Another one where a table of the same name was made anew."""

    def reads(self) -> Capacity:
        return _capacity(self.read_units, self.warm_read_units, NEW_ON_DEMAND_READ)

    def writes(self) -> Capacity:
        return _capacity(self.write_units, self.warm_write_units, NEW_ON_DEMAND_WRITE)


@dataclass(frozen=True)
class Capacity:
    """Units a second that a table takes, and in which way it does: `provisions` or `takes at once`."""

    units: float
    how: str
    provisioned: bool


def _capacity(provisioned: float | None, warm: float | None, new: float) -> Capacity:
    if provisioned is not None:
        return Capacity(provisioned, "provisions", provisioned=True)
    return Capacity(warm or new, "takes at once" if warm else "takes at once when new", provisioned=False)


def default_paces(source: TableFacts, target: TableFacts) -> Defaults:
    """A share of what each table provisions, or of what an on-demand table takes at once.

    Where that is too much (other writers, one hot partition), throttling says so and the pace gives way.
    """
    read, back, write = source.reads(), target.reads(), target.writes()
    back_share, write_share = (
        SHARE_OF_TARGET if one.provisioned else SHARE_OF_WARM_TARGET for one in (back, write)
    )
    return Defaults(
        max(read.units * READ_SHARE_OF_SOURCE, 1.0),
        max(back.units * back_share, 1.0),
        max(write.units * write_share, 1.0),
        _why(READ_SHARE_OF_SOURCE, source.name, read),
        _why(back_share, target.name, back),
        _why(write_share, target.name, write),
    )


_SHARES = {0.25: "a quarter of what", 0.5: "half of what", 1.0: "what"}


def _why(share: float, table: str, capacity: Capacity) -> str:
    return f"{_SHARES[share]} {table} {capacity.how}"
