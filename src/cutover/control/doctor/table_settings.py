"""The two tables of a pair: there, alike in their keys, and set so that the copy stays what it is."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.deployment import Deployment
from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding
from cutover.control.doctor.table_facts import PairView, TableView

COLLECTION_BYTES = 10 * 1024**3
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ItemCollections"""
_KEYS_AT_WORK = {"Enabled", "Updating", "Creating"}
"""https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"""
OLD_GLOBAL = "2017.11.29"


def check(facts: DoctorFacts) -> Iterator[Finding]:
    for pair in facts.tables.pairs if facts.tables else ():
        yield from _there(pair)
        yield from _transform(pair)
        yield from _subs(pair, facts.deployment)
        if pair.source is not None and pair.target is not None:
            yield from _keys(pair, pair.source, pair.target)
            yield from _index_types(pair, pair.source, pair.target)
            yield from _time_to_live(pair, pair.source, pair.target)
            yield from _collections(pair, pair.source, pair.target)
            yield from _safety(pair, pair.target)
            yield from _replicas(pair, pair.source, pair.target)


def _there(pair: PairView) -> Iterator[Finding]:
    for name in pair.missing:
        yield Finding(
            "table_missing",
            f"the table {name} does not exist",
            "AWS does not know it in that account and Region",
            "check the name in Tables, the account and the Region; a bare name is looked for in the stack's",
            data={"pair": pair.id, "table": name},
        )
    for table in (pair.source, pair.target):
        if table is not None and table.key is not None and table.key.state not in _KEYS_AT_WORK:
            yield Finding(
                "key_not_enabled",
                f"the key of {table.name} is {table.key.state}",
                "a table whose key cannot be used can be neither read nor written, and is archived after "
                "seven days; with its key it is lost",
                f"cancel the deletion of {table.key.arn}, or enable it",
                data={"pair": pair.id, "table": table.name, "key": table.key.arn, "state": table.key.state},
            )
        if table is not None and table.status not in {"ACTIVE", "UPDATING"}:
            yield Finding(
                "table_not_active",
                f"the table {table.name} is {table.status}",
                "it can be neither read nor written like that",
                "wait until it is ACTIVE; a table whose key cannot be used needs its key back",
                data={"pair": pair.id, "table": table.name},
            )


def _transform(pair: PairView) -> Iterator[Finding]:
    if pair.problem is not None:
        what, cause, fix = pair.problem
        yield Finding("transform_refused", f"{pair.id}: {what}", cause, fix, data={"pair": pair.id})
    elif pair.changes_keys:
        yield Finding(
            "keys_change",
            f"the items of {pair.id} get other keys",
            "a function makes them: its inverse is asked before an item is overwritten, and new items are "
            "put one by one"
            if pair.may_collide
            else "names or subs of key attributes change: each target key has one source key",
            "nothing; the sample tries the way back" if pair.may_collide else "nothing",
            data={"pair": pair.id, "by_function": pair.may_collide},
        )


def _subs(pair: PairView, deployment: Deployment) -> Iterator[Finding]:
    known = deployment.parameter("NewUserPoolId") or deployment.parameter("SubMapTableArn")
    if pair.pair.subs and deployment.stack and not known:
        yield Finding(
            "subs_without_users",
            f"{pair.id} names old subs, and the stack moves no users",
            "its own ledger knows nobody: every item with an old sub waits for ever",
            "give the ledger of the users' stack in SubMapTableArn and deploy",
            data={"pair": pair.id},
        )


def _keys(pair: PairView, source: TableView, target: TableView) -> Iterator[Finding]:
    if pair.key_problem is not None:
        what, cause, fix = pair.key_problem
        data = {"pair": pair.id, "source": dict(source.keys), "target": dict(target.keys)}
        yield Finding("keys_differ", f"{pair.id}: {what}", cause, fix, data=data)


def _index_types(pair: PairView, source: TableView, target: TableView) -> Iterator[Finding]:
    """What the two descriptions say by themselves, of attributes that keys or indexes of both are made of.

    A function of the pair may give them another type: then only the sample tells.
    """
    if pair.pair.transform is not None:
        return
    renamed, types = dict(pair.pair.rename), _types(source)
    theirs = {
        renamed.get(name, name): (name, kind) for name, kind in types.items() if name not in pair.pair.drop
    }
    for index in target.indexes:
        for name, kind in index.keys:
            before, found = theirs.get(name, (name, kind))
            if found != kind and name not in target.rules.key_names:
                yield Finding(
                    "index_type_differs",
                    f"the index {index.name} of {target.name} wants {name} of type {kind}, and "
                    f"{before} is of type {found} in a key of {source.name} or of one of its indexes",
                    "each item that has it there is refused by the target as a whole",
                    f"make the index on {found}, or let a transform convert or drop {before}",
                    data={"pair": pair.id, "index": index.name, "attribute": name, "types": [found, kind]},
                )


def _types(table: TableView) -> dict[str, str]:
    """Of each attribute that a key of the table or of one of its indexes is made of."""
    return dict([*(key for index in table.indexes for key in index.keys), *table.keys])


def _time_to_live(pair: PairView, source: TableView, target: TableView) -> Iterator[Finding]:
    if not (source.ttl_read and target.ttl_read):
        return
    theirs, ours = source.ttl_attribute, target.ttl_attribute
    if ours:
        yield Finding(
            "ttl_on_target",
            f"{target.name} deletes expired items already (attribute {ours})",
            "an item that the source still shows is deleted in the target, copied again by whatever touches "
            "it, and deleted again; verify finds it missing in between",
            "switch its time to live off until the target rules",
            data={"pair": pair.id, "attribute": ours},
        )
    if theirs and ours and dict(pair.pair.rename).get(theirs, theirs) != ours and not pair.pair.transform:
        yield Finding(
            "ttl_differs",
            f"time to live goes by {theirs} in {source.name} and by {ours} in {target.name}",
            "the items come over as they are: their expiry stays in the source's attribute",
            f"let the target go by {theirs}",
            data={"pair": pair.id, "source": theirs, "target": ours},
        )
    if theirs and not ours:
        yield Finding(
            "ttl_after_switch",
            f"{source.name} deletes expired items by {theirs}, {target.name} does not yet",
            "that is right until the target rules: the mirror carries the deletions over",
            "switch it on when the target rules, for the same attribute",
            data={"pair": pair.id, "attribute": theirs},
        )


def _collections(pair: PairView, source: TableView, target: TableView) -> Iterator[Finding]:
    if target.local_indexes and not source.local_indexes and source.bytes > COLLECTION_BYTES:
        yield Finding(
            "collection_limit",
            f"{target.name} has local indexes and {source.name} has none",
            "with a local index the items of one partition key take 10 GB at most, the index's copies "
            f"included; the source has {source.bytes:,} bytes in all, and nothing tells how many one key has",
            "look at the largest partition keys of the source, or use global indexes",
            data={"pair": pair.id, "indexes": [index.name for index in target.local_indexes]},
        )


def _safety(pair: PairView, target: TableView) -> Iterator[Finding]:
    if not target.deletion_protected:
        yield Finding(
            "target_deletable",
            f"{target.name} has no deletion protection",
            "the table that is to become the only one can be deleted by one call",
            "switch deletion protection on",
            data={"pair": pair.id},
        )
    if target.recoverable is False:
        yield Finding(
            "target_not_recoverable",
            f"{target.name} has no point-in-time recovery",
            "what a defect writes there after the switch could not be taken back",
            "switch it on before the switch",
            data={"pair": pair.id},
        )


def _replicas(pair: PairView, source: TableView, target: TableView) -> Iterator[Finding]:
    for table in (source, target):
        if table.global_version == OLD_GLOBAL:
            yield Finding(
                "global_table_2017",
                f"{table.name} is a global table of version {OLD_GLOBAL}",
                "that version keeps attributes of its own (aws:rep:*) in the items: they are left out of the "
                "comparison and of what is written",
                "update it to version 2019.11.21 before, or leave it: both work",
                data={"pair": pair.id, "table": table.name},
            )
    if source.replicas:
        yield Finding(
            "source_is_global",
            f"{source.name} has replicas in {', '.join(source.replicas)}",
            f"what is written there is mirrored once DynamoDB has brought it to {source.region}",
            "at the switch stop the writers of every Region, and wait for the replication before you verify",
            data={"pair": pair.id, "regions": list(source.replicas)},
        )
