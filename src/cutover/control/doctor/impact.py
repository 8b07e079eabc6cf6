"""What the differences of the two pools cost the old users, counted."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.census import Census
from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding

_WHY = {
    "schema": "the new pool's schema does not have it",
    "length": "the value is longer or shorter than the new pool allows",
    "type": "the value is not of the new pool's type",
    "range": "the number is outside of the new pool's limits",
    "format": "the value has not the form that Cognito asks for",
    "unverified": "the new pool signs people in by it, and the old pool does not call it theirs",
    "rights": "an old app client may write it and no new one may, so it is not trusted",
}
_FIX = {
    "schema": "add the attribute to the new pool, or name another with the parameter Attributes (old=new)",
    "unverified": "nothing, unless these people have to sign in by it: let them verify it in the old pool",
    "rights": "name it in the parameter Attributes, or let a client of the new pool write it",
}
_LEFT = (
    "nothing, if these people may lose it; else change the values in the old pool, or the new pool's limits"
)


def check(facts: DoctorFacts) -> Iterator[Finding]:
    if facts.census is None:
        yield from _by_schema(facts)
        return
    yield from _refused(facts.census)
    yield from _dropped(facts.census)
    yield from _left_out(facts.census)


def share(count: int, census: Census) -> str:
    """`3 of 120 old users`, or of those that were looked at."""
    looked_at = "old users" if census.complete else "old users that were looked at"
    return f"{count:,} of {census.users:,} {looked_at}"


def _refused(census: Census) -> Iterator[Finding]:
    for cause, count in census.refused.most_common():
        name = cause.removeprefix("required ")
        yield Finding(
            "users_refused",
            f"{share(count, census)} cannot come over: they lack {name}, which the new pool requires",
            "what is required is fixed when a pool is made, and a user without it cannot be created",
            f"fill {name} in the old pool, map another attribute to it with the parameter Attributes, or "
            "make the new pool without the requirement",
            data={"attribute": name, "users": count},
        )
    for cause, count in census.nameless.most_common():
        yield Finding(
            "users_nameless",
            f"{share(count, census)} have no name that the new pool signs people in by",
            f"{cause}; which names a pool takes is fixed when it is made",
            "give these people a verified e-mail or phone number, or make a new pool that takes names",
            data={"cause": cause, "users": count},
        )


def _dropped(census: Census) -> Iterator[Finding]:
    for (name, why), count in census.dropped.most_common():
        yield Finding(
            "attribute_dropped",
            f"{share(count, census)} lose {name}",
            _WHY[why],
            _FIX.get(why, _LEFT),
            data={"attribute": name, "why": why, "users": count},
        )


def _left_out(census: Census) -> Iterator[Finding]:
    if census.federated:
        yield Finding(
            "federated_users",
            f"{share(census.federated, census)} sign in by an identity provider",
            "they have no password; they come over by that provider, at their first sign-in, with a new sub",
            "set the same providers up in the new pool, by the same names",
            data={"users": census.federated},
        )
    if census.unconfirmed:
        yield Finding(
            "unconfirmed_users",
            f"{share(census.unconfirmed, census)} never confirmed their account",
            "nothing about them is proven, so they are not brought over",
            "nothing: they may sign up again",
            data={"users": census.unconfirmed},
        )


def _by_schema(facts: DoctorFacts) -> Iterator[Finding]:
    """Without the users: what the new pool requires and the old one does not."""
    if facts.new is None or facts.old is None:
        return
    old = {row["Name"] for row in facts.old.settings.get("SchemaAttributes") or () if row.get("Required")}
    for row in facts.new.settings.get("SchemaAttributes") or ():
        if row.get("Required") and row["Name"] not in old | {"sub"}:
            yield Finding(
                "required_attribute",
                f"the new pool requires {row['Name']}, and the old one does not",
                "whoever lacks it cannot come over",
                "run doctor without --skip-users to see how many lack it",
            )
