"""The streams of the sources: on, mapped, followed, and not read by too many.

At most two may read a stream's shards at once, and one where the table is global:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-dynamodb-streams
"""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.deployment import Deployment
from cutover.control.doctor.call_resources import listed
from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding
from cutover.control.doctor.table_facts import PairView, Reader, TableView
from cutover.control.doctor.table_kinesis import mirrored_by_kinesis

MOST_READERS = 2
MOST_READERS_OF_GLOBAL = 1
KEYS_ONLY = "KEYS_ONLY"
NO_STREAMS = {"none"}


def check(facts: DoctorFacts) -> Iterator[Finding]:
    if facts.tables is None:
        return
    deployed = bool(facts.deployment.stack)
    for pair in facts.tables.pairs:
        if pair.source is None:
            continue
        by_kinesis = mirrored_by_kinesis(pair, facts.deployment)
        if pair.source.stream_arn is not None:
            yield from _view(pair, pair.source)
            yield from _readers(pair, pair.source, by_kinesis=by_kinesis)
        elif not by_kinesis:
            yield _off(pair, pair.source)
        if deployed and (by_kinesis or pair.source.stream_arn is not None):
            yield from _mapped(pair, pair.source, facts, by_kinesis=by_kinesis)
    if deployed and all(pair.source for pair in facts.tables.pairs):
        yield from _of_no_pair(facts)


def _off(pair: PairView, source: TableView) -> Finding:
    return Finding(
        "stream_off",
        f"{source.name} has no stream",
        "the mirror would not hear of a single change",
        "switch it on (init does, with any view type), then deploy with its ARN",
        ("init",),
        data={"pair": pair.id},
    )


def _view(pair: PairView, source: TableView) -> Iterator[Finding]:
    if source.stream_view == KEYS_ONLY:
        yield Finding(
            "stream_keys_only",
            f"the stream of {source.name} holds keys only",
            "any view type works; with this one the mirror reads each changed item from the source once more",
            "nothing: another view type needs a new stream, and whoever reads this one would lose it",
            data={"pair": pair.id},
        )


def _readers(pair: PairView, source: TableView, *, by_kinesis: bool) -> Iterator[Finding]:
    """Of no interest where the mirror follows a Kinesis stream: it is no reader of this one then."""
    if pair.readers is None or by_kinesis:
        return
    others = [reader for reader in pair.readers if not reader.ours]
    most = MOST_READERS_OF_GLOBAL if source.is_global else MOST_READERS
    names = ", ".join(reader.function for reader in others)
    data = {"pair": pair.id, "readers": [reader.function for reader in others], "most": most}
    if len(others) >= most:
        yield Finding(
            "stream_taken",
            f"the readers of the stream of {source.name} are taken: {names}",
            f"{'a global table' if source.is_global else 'a table'} bears {most}; one more may throttle all",
            "take one off, or mirror through Kinesis Data Streams, which reads no stream of the table's",
            data=data,
        )
    elif others and not source.is_global:
        yield Finding(
            "stream_full",
            f"{names} reads the stream of {source.name}, too",
            f"with the mirror that is all of the {most} readers that a stream bears",
            "add no other; readers that are no Lambda function (below) count as well",
            data=data,
        )
    yield Finding(
        "readers_unseen",
        f"only Lambda functions of this account are known as readers of the stream of {source.name}",
        "applications of the Kinesis Client Library, EventBridge pipes and functions of other accounts stand "
        "in no list that could be read here, and count as well",
        f"ask who else reads it; {most} at the most, the mirror included",
        data={"pair": pair.id, "most": most},
    )


def _mapped(pair: PairView, source: TableView, facts: DoctorFacts, *, by_kinesis: bool) -> Iterator[Finding]:
    given = listed(facts.deployment, "SourceStreamArns")
    if source.stream_arn not in given and not by_kinesis:
        yield _unmapped(pair, source, given)
        return
    region = facts.tables.region if facts.tables else ""
    if region and source.region != region:
        yield Finding(
            "stream_elsewhere",
            f"the stream of {source.name} is in {source.region}, the stack in {region}",
            "a mapping stands in its stream's Region",
            f"deploy a stack for the tables in {source.region}",
            data={"pair": pair.id},
        )
        return
    if pair.stream_shared is False and not by_kinesis:
        yield _not_shared(pair, source)
    found = [readers for readers in (pair.readers, pair.kinesis_readers) if readers is not None]
    if found and facts.deployment.parameter("MirrorState") != "off":
        yield from _followed(pair, source, [reader for readers in found for reader in readers if reader.ours])


def _unmapped(pair: PairView, source: TableView, given: tuple[str, ...]) -> Finding:
    older = [arn for arn in given if arn.startswith(f"{source.arn}/stream/")]
    if older:
        return Finding(
            "stream_renewed",
            f"{source.name} has another stream than SourceStreamArns names",
            "it was switched off and on again: that makes a new stream with a new ARN, and the mirror still "
            "follows the old one",
            "deploy with the new ARN (init puts it in), then backfill: what changed between is in no stream",
            ("init",),
            data={"pair": pair.id, "deployed": older, "now": source.stream_arn},
        )
    return Finding(
        "stream_not_mapped",
        f"SourceStreamArns does not name the stream of {source.name}",
        "no mapping is made for it: no change would be mirrored",
        "add it and deploy (init puts it in)",
        ("init",),
        data={"pair": pair.id, "stream": source.stream_arn},
    )


def _not_shared(pair: PairView, source: TableView) -> Finding:
    return Finding(
        "stream_not_shared",
        f"the stream of {source.name} is of account {source.account} and has no policy",
        "without one no function of another account may read it",
        "let its account put a policy on the stream that lets the mirror's role in",
        data={"pair": pair.id, "stream": source.stream_arn},
    )


def _followed(pair: PairView, source: TableView, ours: list[Reader]) -> Iterator[Finding]:
    why = _why_not(ours)
    if why:
        yield Finding(
            "mirror_stands",
            f"the mirror does not follow {source.name}",
            why,
            "deploy the stack again with MirrorState on, and see who changed the mapping; after 24 hours "
            "changes are lost: backfill again then",
            ("status",),
            data={"pair": pair.id},
        )


def _why_not(ours: list[Reader]) -> str:
    if not ours:
        return "no event source mapping leads from its changes to the mirror"
    if not any(reader.state in {"Enabled", "Creating", "Enabling", "Updating"} for reader in ours):
        return f"its event source mapping is {ours[0].state}"
    if all(reader.position == "LATEST" for reader in ours):
        return "its mapping began at LATEST, which can miss changes made while it was set up"
    return ""


def _of_no_pair(facts: DoctorFacts) -> Iterator[Finding]:
    tables = {pair.source.arn for pair in facts.tables.pairs if pair.source} if facts.tables else set()
    for arn in sorted(set(_given(facts.deployment)) - NO_STREAMS):
        if arn.partition("/stream/")[0] not in tables:
            yield Finding(
                "stream_of_no_pair",
                f"SourceStreamArns names {arn}, whose table is the source of no pair",
                "the mirror cannot place its records: it holds them until they are too old for its mapping",
                "take it out, or put its pair into Tables, and deploy",
                data={"stream": arn},
            )


def _given(deployment: Deployment) -> tuple[str, ...]:
    return listed(deployment, "SourceStreamArns")
