"""What `cutover init` found: the two pools, the old client, the tables of each pair."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PoolFacts:
    """A user pool. Its Region stands in its id (`eu-west-1_AbCdEfGhI`)."""

    id: str
    name: str = ""

    @property
    def region(self) -> str:
        return self.id.partition("_")[0]


@dataclass(frozen=True)
class ClientFacts:
    """The old pool's app client; of its secret only whether there is one."""

    id: str
    flows: tuple[str, ...] = ()
    has_secret: bool = False


@dataclass(frozen=True)
class TableFacts:
    """A table. `keys` are (attribute, HASH or RANGE, type), `spec` is how it was named."""

    spec: str
    arn: str
    keys: tuple[tuple[str, str, str], ...]
    stream_arn: str | None = None
    stream_view: str | None = None

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]


@dataclass(frozen=True)
class PairTables:
    """Source and target of one pair."""

    source: TableFacts
    target: TableFacts


@dataclass(frozen=True)
class InitFacts:
    """Users are moved where there are pools, tables where there are pairs."""

    new_pool: PoolFacts | None = None
    old_pool: PoolFacts | None = None
    old_client: ClientFacts | None = None
    pairs: tuple[PairTables, ...] = ()
