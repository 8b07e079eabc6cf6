"""Sources whose changes go to Kinesis, and the mirror that follows them there.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html
"""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.deployment import Deployment
from cutover.control.doctor.call_resources import listed
from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding
from cutover.control.doctor.table_facts import PairView

PARAMETER = "SourceKinesisArns"
FILTER = "KinesisTables"
NONE = {"none"}


def check(facts: DoctorFacts) -> Iterator[Finding]:
    pairs = facts.tables.pairs if facts.tables else ()
    for pair in pairs:
        if mirrored_by_kinesis(pair, facts.deployment):
            yield from _filtered(pair, facts.deployment)
        elif pair.kinesis:
            yield _beside(pair, pair.kinesis)
    if facts.deployment.stack and all(pair.kinesis is not None for pair in pairs):
        yield from _of_no_pair(pairs, facts.deployment)


def mirrored_by_kinesis(pair: PairView, deployment: Deployment) -> bool:
    """Whether the stack follows a Kinesis stream to which the source sends its changes."""
    return not set(pair.kinesis or ()).isdisjoint(listed(deployment, PARAMETER))


def _filtered(pair: PairView, deployment: Deployment) -> Iterator[Finding]:
    names = listed(deployment, FILTER)
    if names and pair.source is not None and pair.source.name not in names:
        yield Finding(
            "kinesis_filtered",
            f"{FILTER} does not name {pair.source.name}",
            "Lambda passes over the changes of a table that is not in that list: none would be mirrored",
            f"add it to {FILTER} and deploy, then backfill: what was passed over is in no stream",
            data={"pair": pair.id, "tables": list(names)},
        )


def _beside(pair: PairView, arns: tuple[str, ...]) -> Finding:
    names = ", ".join(arn.rsplit("/", 1)[-1] for arn in arns)
    return Finding(
        "kinesis_destination",
        f"changes of the source of {pair.id} go to Kinesis: {names}",
        "that takes none of the stream's readers, and the mirror can follow it instead of the stream",
        f"nothing, unless the readers of the stream are taken: then {PARAMETER}",
        data={"pair": pair.id, "streams": list(arns)},
    )


def _of_no_pair(pairs: tuple[PairView, ...], deployment: Deployment) -> Iterator[Finding]:
    sent = {arn for pair in pairs for arn in pair.kinesis or ()}
    for arn in sorted(set(listed(deployment, PARAMETER)) - sent - NONE):
        yield Finding(
            "kinesis_of_no_pair",
            f"{PARAMETER} names {arn}, to which no source of a pair sends its changes",
            "the destination was never switched on, or is off by now, or the pair was taken out",
            "switch the table's destination on and backfill, or take the stream out and deploy",
            data={"stream": arn},
        )
