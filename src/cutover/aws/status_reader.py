"""One look at everything, for `cutover status`: reads only, and goes on where AWS refuses a part."""

from __future__ import annotations

from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.session import Aws
from cutover.aws.status_tables import TablesReader
from cutover.aws.status_users import COUNT_PAGES, UsersReader
from cutover.aws.table_pairs import load_pairs
from cutover.aws.unread import Unread
from cutover.control.deployment import Deployment
from cutover.control.status_facts import StatusFacts, TablesFacts
from cutover.control.watch import DRIFT, watch_pk
from cutover.errors import UsageError
from cutover.tables.pairs import TablePair


def read_status(
    aws: Aws,
    at: int,
    *,
    deployment: Deployment | None = None,
    ledger: str | None = None,
    new_pool: str | None = None,
    all_pages: bool = False,
) -> StatusFacts:
    """The facts of a deployment, or of a `ledger` and a `new_pool` alone where the stack is gone.

    `at` is the time in epoch seconds; `all_pages` counts to the end, however many users there are.
    """
    unread = Unread()
    table = ledger or (deployment.output("LedgerTable") if deployment else "")
    reader = LedgerReader(aws.client("dynamodb", attempts=3), table)
    pool = new_pool or (deployment.outputs.get("NewUserPoolId") if deployment else None)
    users = UsersReader(aws, reader, unread, at, None if all_pages else COUNT_PAGES)
    tables = TablesReader(aws, reader, unread, at)
    return StatusFacts(
        at=at,
        stack=deployment.stack if deployment else None,
        stack_status=deployment.status if deployment else "",
        users=users.read(pool, deployment) if pool else None,
        tables=_tables(tables, deployment),
        drift=_drift(reader, unread, pool),
        unread=tuple(unread.notes),
    )


def _drift(reader: LedgerReader, unread: Unread, pool: str | None) -> tuple[str, ...]:
    """What the watch found last."""
    row = unread.attempt("what the watch found", reader.row, watch_pk(pool), DRIFT)
    return tuple(f"{one['what']} ({one['detail']})" for one in row["found"]) if row else ()


def _tables(reader: TablesReader, deployment: Deployment | None) -> TablesFacts | None:
    if deployment is None:
        return reader.read_ledger()
    setting = deployment.outputs.get("Tables")
    if not setting:
        return None
    return reader.read(_pairs(reader, setting), deployment)


def _pairs(reader: TablesReader, setting: str) -> tuple[TablePair, ...]:
    """None, and a note, where the parameter that holds them was changed to what nobody understands."""
    try:
        return reader.unread.attempt("the table pairs", load_pairs, setting, reader.aws) or ()
    except UsageError as error:
        reader.unread.notes.append(f"the table pairs: {error.message}: {error.cause}")
        return ()
