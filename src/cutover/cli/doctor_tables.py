"""Doctor's look at the tables: what it is going to read of them is said before it reads."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

from cutover.aws.doctor_reading import Reading
from cutover.aws.doctor_tables import DoctorTables, Sampling
from cutover.aws.key_use import key_decisions
from cutover.aws.table_pairs import Roles
from cutover.cli.options import Invocation
from cutover.cli.table_access import sub_map_table
from cutover.control.deployment import Deployment
from cutover.control.doctor.calls import CALLS
from cutover.control.doctor.facts import FunctionFacts
from cutover.control.doctor.table_facts import TablesView
from cutover.tables.pace import Pace
from cutover.tables.pairs import TablePair
from cutover.tables.sampling import SamplePlan

DEFAULT_SAMPLE = 1000


@dataclass(frozen=True)
class TablesLook:
    """`sample`: so many items of each source (0: none); `units`: read units a second; `at` epoch seconds."""

    at: int
    roles: Roles
    sample: int
    units: float


def look_at_tables(
    invocation: Invocation,
    deployment: Deployment,
    how: TablesLook,
    functions: tuple[FunctionFacts, ...],
    reading: Reading,
) -> TablesView | None:
    """What is refused is noted in `reading`."""
    own = Reading()
    sampling = _sampling(invocation, how)
    view = DoctorTables(
        deployment,
        invocation.aws,
        how.roles,
        how.at,
        sub_map=sub_map_table(deployment),
        account=_account(functions),
        sampling=sampling,
        reading=own,
    ).read()
    if view is not None:
        table_functions = [one for one in functions if "source tables" in CALLS.get(one.name, {})]
        keys = list(_own_keys(view, how.roles))
        if table_functions and keys:
            iam = invocation.aws.client("iam", attempts=3)
            decisions = own.attempt("the use of the tables' keys", key_decisions, iam, table_functions, keys)
            view = replace(view, key_decisions=decisions)
    reading.notes += own.notes
    reading.refused += own.refused
    return view


def _account(functions: tuple[FunctionFacts, ...]) -> str:
    """The stack's account, as the ARN of one of its functions says it; empty where none could be read."""
    arns = ((one.live or one.latest or {}).get("FunctionArn", "") for one in functions)
    return next((arn.split(":")[4] for arn in arns if arn), "")


def _own_keys(view: TablesView, roles: Roles) -> Iterator[str]:
    """The keys that a function uses by its own role, and not by that of another account."""
    for pair in view.pairs:
        for table, role in ((pair.source, roles.source), (pair.target, roles.target)):
            if table is not None and table.key is not None and table.key.customer is not False and not role:
                yield table.key.arn


def _sampling(invocation: Invocation, how: TablesLook) -> Sampling | None:
    def announce(pair: TablePair, plan: SamplePlan) -> None:
        invocation.render.say(
            f"{pair.source.name}: looking at {plan.items:,} items at most, "
            f"about {ceil(plan.units):,} read units at {how.units:g} a second ({plan.seconds(how.units):,} s)"
        )

    if not how.sample:
        return None
    pace = Pace(how.units, invocation.waits.clock, invocation.waits.sleep)
    return Sampling(how.sample, pace, announce, random.Random())  # noqa: S311 - a sample, no secret
