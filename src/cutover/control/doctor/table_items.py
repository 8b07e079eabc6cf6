"""What the sample of a source says of its items: counts, attributes and sizes, never a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding
from cutover.control.doctor.table_facts import PairView
from cutover.tables.target_rules import LARGEST_ITEM
from cutover.tables.trials import Problem, Tally

NEAR = 0.9
"""Of the largest item that DynamoDB takes."""
PARKED = "such items are parked: they come over once the cause is gone, and count as owed until then"


@dataclass(frozen=True)
class _Text:
    code: str
    what: str
    reason: str
    fix: str


_TEXTS = {
    Problem.FAILS: _Text(
        "transform_fails",
        "the transform has no target item for {share}",
        PARKED,
        "put the transform right; rehearse shows the items",
    ),
    Problem.UNMAPPED: _Text(
        "items_unmapped",
        "{share} belong to users who have not come over",
        "they wait for the mapping of their old sub, and follow when it appears",
        "nothing; the switch needs them to be few",
    ),
    Problem.TOO_LARGE: _Text(
        "item_too_large",
        "the transform makes {share} larger than 400 KB",
        PARKED,
        "let the transform add less, or keep the large attribute elsewhere",
    ),
    Problem.KEY: _Text(
        "key_refused",
        "the target's own key refuses {share}",
        PARKED,
        "let the transform give a key of the right type, neither empty nor too long",
    ),
    Problem.INDEX_KEY: _Text(
        "index_key_refused",
        "an index of the target refuses {share}",
        "a key of an index that is of another type, empty or too long fails the whole put; " + PARKED,
        "let the transform drop or convert the attribute, or make the index on another one",
    ),
    Problem.COLLISION: _Text(
        "keys_collide",
        "{share} have a target key that another item has",
        "the first one stays and the other is never written over it: it is reported and owed",
        "let each source key have a target key of its own",
    ),
    Problem.INVERSE_KEY: _Text(
        "inverse_wrong_key",
        "the inverse does not lead {share} back to its own key",
        "nobody can tell whose item stands under the target key: it is taken for another's",
        "put the inverse right",
    ),
    Problem.INVERSE_ITEM: _Text(
        "inverse_loses",
        "the inverse does not give {share} back as it was",
        "going back after the switch would write that into the source",
        "put the inverse right, or do not plan on going back",
    ),
}


def check(facts: DoctorFacts) -> Iterator[Finding]:
    for pair in facts.tables.pairs if facts.tables else ():
        if pair.sample is None:
            continue
        if pair.sample.items:
            yield from _problems(pair, pair.sample)
            yield from _dropped(pair, pair.sample)
            yield from _large(pair, pair.sample)
        elif pair.source is not None:
            yield Finding(
                "sample_empty",
                f"the sample of {pair.source.name} is empty",
                "the table holds nothing, or too little for its size to be found at random",
                "nothing, if the table is empty",
                data={"pair": pair.id},
            )


def _problems(pair: PairView, sample: Tally) -> Iterator[Finding]:
    for problem, text in _TEXTS.items():
        details = sample.of(problem)
        if not details:
            continue
        count = min(sum(details.values()), sample.faulty)
        listing = "; ".join(
            f"{detail} ({number:,})"
            for detail, number in sorted(details.items(), key=lambda row: -row[1])
            if detail
        )
        yield Finding(
            text.code,
            f"{pair.id}: " + text.what.format(share=share(count, sample)),
            f"{text.reason}: {listing}" if listing else text.reason,
            text.fix,
            ("rehearse", "--pair", pair.id, "--sample", str(sample.items)),
            data={"pair": pair.id, "items": count, "of": sample.items, "details": details},
        )


def _dropped(pair: PairView, sample: Tally) -> Iterator[Finding]:
    if sample.dropped:
        yield Finding(
            "items_left_out",
            f"{pair.id}: the transform leaves {share(sample.dropped, sample)} out",
            "it gave None: the target shall not hold them",
            "nothing, if that is meant",
            data={"pair": pair.id, "items": sample.dropped, "of": sample.items},
        )


def _large(pair: PairView, sample: Tally) -> Iterator[Finding]:
    if NEAR * LARGEST_ITEM < sample.largest_after <= LARGEST_ITEM:
        yield Finding(
            "item_nearly_too_large",
            f"{pair.id}: the largest item of the sample takes {sample.largest_after:,} bytes in the target",
            f"{LARGEST_ITEM:,} is the most; it has {sample.largest_before:,} at most in the source",
            "look at the largest items of the source before they are parked",
            data={"pair": pair.id, "bytes": sample.largest_after},
        )


def share(count: int, sample: Tally) -> str:
    return f"{count:,} of {sample.items:,} sampled items"
