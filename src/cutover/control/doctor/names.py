"""Old users whose names or addresses are one in the new pool, and new users who hold an old user's."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding
from cutover.control.doctor.impact import share


def check(facts: DoctorFacts) -> Iterator[Finding]:
    census = facts.census
    if census is not None:
        if census.colliding_names:
            yield Finding(
                "names_collide",
                f"{share(census.colliding_names, census)} share a name with another once case is ignored",
                "the new pool ignores the case of names; of each such group only one can come over",
                "rename the others in the old pool",
                data={"users": census.colliding_names},
            )
        for kind, count in census.colliding_contacts.items():
            yield Finding(
                "contacts_collide",
                f"{share(count, census)} share their {kind} with another",
                f"the new pool signs people in by {kind}; of each such group the first to come over has it",
                "leave each with one owner in the old pool",
                data={"attribute": kind, "users": count},
            )
    if facts.squatted:
        yield Finding(
            "squatted",
            f"users of the new pool who hold what an old user goes by and did not come over: "
            f"{len(facts.squatted)}",
            "their owners are kept out, and the strangers get what an application sends to that name",
            "look at each (--show-users names them) and delete or rename the strangers",
            ("doctor", "--show-users"),
        )
