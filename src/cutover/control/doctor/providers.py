"""Identity providers by which federated people come over."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding


def check(facts: DoctorFacts) -> Iterator[Finding]:
    if facts.new is None or facts.old is None or facts.new.providers is None or facts.old.providers is None:
        return
    for name in sorted(facts.old.providers.keys() - facts.new.providers.keys()):
        yield Finding(
            "provider_missing",
            f"the new pool has no identity provider {name}",
            "people of the old pool sign in by it, and have no password to come over with",
            "set the provider up in the new pool, by the same name",
        )
