"""Doctor's findings as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cutover.cli.doctor_costs import cost_table
from cutover.control.doctor.examine import count
from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding
from cutover.control.status_data import Command

_DETAILS = 10
"""Where the text of a detail begins."""


def screen(facts: DoctorFacts, findings: Sequence[Finding], command: Command, *, show_users: bool) -> str:
    """The whole screen, as lines: what was found area by area, and how many of each."""
    lines: list[str] = []
    area = None
    for finding in findings:
        if finding.area is not area:
            area = finding.area
            lines += ["", area.value.upper()] if lines else [area.value.upper()]
        lines += _finding(finding, command)
        if finding.code == "squatted" and show_users:
            lines += (
                f"{'':{_DETAILS}}{one.new.name} ({one.new.sub}) holds {', '.join(one.held)}"
                for one in facts.squatted or ()
            )
    costs = list(cost_table(facts.tables)) if facts.tables is not None else []
    lines += ["", *costs] if lines and costs else costs
    return "\n".join([*lines, *([""] if lines else []), _sum(facts, findings)])


def _finding(finding: Finding, command: Command) -> Iterator[str]:
    yield f"  {finding.severity.value:<7} {finding.what} ({finding.code})"
    line = command(*finding.words) if finding.words else None
    for name, text in (("why", finding.reason), ("fix", finding.fix), ("see", finding.link), ("run", line)):
        if text:
            yield f"{'':{_DETAILS}}{name}: {text}"


def _sum(facts: DoctorFacts, findings: Sequence[Finding]) -> str:
    counts = ", ".join(
        f"{number} {name}{'' if number == 1 else 's'}" for name, number in count(findings).items()
    )
    looked = [*_users(facts), *_items(facts)]
    return f"{counts}; {', '.join(looked)}"


def _users(facts: DoctorFacts) -> Iterator[str]:
    if facts.census is not None:
        yield f"{facts.census.users:,} old users looked at{'' if facts.census.complete else ' (a sample)'}"
    elif facts.tables is None or facts.deployment.parameter("NewUserPoolId"):
        yield "the users were not looked at"


def _items(facts: DoctorFacts) -> Iterator[str]:
    if facts.tables is not None:
        sampled = [pair.sample.items for pair in facts.tables.pairs if pair.sample is not None]
        yield f"{sum(sampled):,} items looked at (a sample)" if sampled else "no items were looked at"
