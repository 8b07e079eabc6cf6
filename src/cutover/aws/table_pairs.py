"""The table pairs of a setting, opened: in their Regions, through their roles, with their key schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutover.aws.dynamo_table import DynamoTable, UnitPace, describe
from cutover.aws.faults import error_code
from cutover.aws.lanes import HELPERS
from cutover.aws.session import Aws
from cutover.aws.table_faults import AWS_ERRORS
from cutover.aws.table_wire import short_cut
from cutover.errors import UsageError
from cutover.tables.account_check import account_of, check_account
from cutover.tables.governor import Paces
from cutover.tables.key_check import check_keys
from cutover.tables.pace import Pace
from cutover.tables.pairs import TablePair, TableRef, parse_pairs
from cutover.tables.ports import TableFault
from cutover.tables.shared_tables import Side
from cutover.tables.tuning import TUNING

SSM_PREFIX = "ssm:"

Place = tuple[str | None, str | None]
"""A Region and a role."""


@dataclass(frozen=True)
class Roles:
    """The roles that reach the tables of another account; None is the caller itself."""

    source: str | None = None
    target: str | None = None
    external_id: str | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Roles:
        """From `SOURCE_ROLE_ARN`, `TARGET_ROLE_ARN` and `EXTERNAL_ID`; an empty value is none."""
        names = ("SOURCE_ROLE_ARN", "TARGET_ROLE_ARN", "EXTERNAL_ID")
        return cls(*(environ.get(name) or None for name in names))


def load_pairs(text: str, aws: Aws, roles: Roles | None = None) -> tuple[TablePair, ...]:
    """The pairs of a `TABLES` setting: its JSON, or `ssm:/name` of the parameter that holds it.

    With `roles` a source and a target are told apart where one is a name and the other one an ARN; who only
    looks may leave that to those who write.

    Raises UsageError for what cannot be understood, botocore's errors when the parameter cannot be read.
    """
    if text.startswith(SSM_PREFIX):
        name = text.removeprefix(SSM_PREFIX)
        reply = aws.client("ssm", attempts=3).get_parameter(Name=name, WithDecryption=True)
        text = reply["Parameter"]["Value"]
    return parse_pairs(text, _Home(aws, roles))


@dataclass
class _Home:
    """The caller's, and on each side the role's that reaches it; without `roles` accounts are unknown."""

    aws: Aws
    roles: Roles | None
    own: str = ""

    def region(self) -> str | None:
        region: str | None = self.aws.region or self.aws.client("dynamodb", attempts=3).meta.region_name
        return region

    def account(self, side: Side) -> str | None:
        if self.roles is None:
            return None
        role = self.roles.source if side is Side.SOURCE else self.roles.target
        return account_of(role) if role else self._own()

    def _own(self) -> str:
        if not self.own:
            self.own = self.aws.client("sts", attempts=3).get_caller_identity()["Account"]
        return self.own


def open_pair(
    pair: TablePair,
    aws: Aws,
    roles: Roles = Roles(),
    *,
    source_pace: UnitPace | None = None,
    target_pace: UnitPace | None = None,
    target_read_pace: UnitPace | None = None,
    max_connections: int = 10,
    clients: dict[Place, Any] | None = None,
) -> tuple[DynamoTable, DynamoTable]:
    """Source and target of a pair.

    `source_pace` is for reads of the source, `target_pace` for writes and `target_read_pace` for reads of the
    target: each table has its own capacity. `clients` lets several pairs share what they call through.

    Raises TableFault when one cannot be described, UsageError when their keys do not fit each other, for then
    no item of the one could be found in the other, for a table of another account than its role's, and for
    one table in both places: a name and an ARN may be the same.
    """
    check_account(pair.source, roles.source)
    check_account(pair.target, roles.target)
    clients = {} if clients is None else clients
    reach = _Reach(aws, roles.external_id, max_connections, clients)
    at_source, at_target = reach.client(pair.source, roles.source), reach.client(pair.target, roles.target)
    source = describe(at_source, pair.source, pace_read=source_pace)
    target = describe(at_target, pair.target, pace_read=target_read_pace, pace_write=target_pace)
    if source.name == target.name and _arn(at_source, source) == _arn(at_target, target):
        raise UsageError(
            f"the pair {pair.id} is one table with itself",
            cause=f"{pair.source.spec} and {pair.target.spec} are the same one",
            fix="name another table, or the target by its ARN where it stands elsewhere",
        )
    check_keys(pair, source.key_types, target.key_types)
    return source, target


def _arn(client: Any, table: DynamoTable) -> str:
    """Raises TableFault."""
    try:
        return str(client.describe_table(TableName=table.address)["Table"]["TableArn"])
    except AWS_ERRORS as error:
        raise TableFault(table.name, error_code(error)) from error


def paces_of(pair: TablePair) -> Paces:
    """The paces of a pair, without a limit yet; they name its tables to who reads why somebody waits."""
    source, target = pair.source.name, pair.target.name
    return Paces(Pace(None, of=source), Pace(None, of=target), Pace(None, of=target))


@dataclass(frozen=True)
class _Reach:
    aws: Aws
    external_id: str | None
    max_connections: int
    clients: dict[Place, Any]

    def client(self, ref: TableRef, role_arn: str | None) -> Any:
        """A client in the table's Region, through the role of its account; one for each such place."""
        place = ref.region or self.aws.region, role_arn
        if place not in self.clients:
            where = self.aws.elsewhere(region=ref.region, role_arn=role_arn, external_id=self.external_id)
            self.clients[place] = table_client(where, self.max_connections)
        return self.clients[place]


def table_client(aws: Aws, max_connections: int = 10) -> Any:
    """A DynamoDB client as `DynamoTable` wants it: one attempt, and no long wait for a reply.

    The SDK does not go through each item once more: what is sent came from a table, or was checked where a
    transform gave it.
    """
    client = aws.client(
        "dynamodb",
        connect_timeout=TUNING.connect_timeout,
        read_timeout=TUNING.read_timeout,
        max_connections=max_connections + HELPERS,
        parameter_validation=False,
    )
    return short_cut(client)
