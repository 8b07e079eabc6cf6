"""The new pool's app clients: who can fire the trigger, and what the others need."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.app_clients import ClientReport
from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding

_MACHINES = "machines"


def check(facts: DoctorFacts) -> Iterator[Finding]:
    if facts.new is None or facts.new.clients is None or facts.reports is None:
        return
    for report in facts.reports:
        yield from _client(report)
    people = [report for report in facts.reports if _MACHINES not in report.why_never]
    if not any(report.can_fire for report in facts.reports):
        first = people[0].id if people else ""
        yield Finding(
            "no_client_can_fire",
            "no app client of the new pool can fire the trigger: nobody will come over",
            "no sign-in of any client brings the password to Cognito, or the pool has no client",
            "let the application's client sign in by password",
            ("attach", "--client", first) if first else (),
        )
    known = {client.id for client in facts.new.clients}
    for client in sorted(_allowed(facts) - known):
        yield Finding(
            "allowed_client_unknown",
            f"the new pool has no app client {client}",
            "the stack's parameter AllowedClientIds names it",
            "take it out of AllowedClientIds, or correct it, and deploy",
        )
    for client in facts.attribute.unlisted if facts.attribute else ():
        yield Finding(
            "client_without_list",
            f"client {client} has no list of attributes that it may write",
            "AWS says that it then writes the standard attributes only, so not the old sub",
            "give it a list of its own to be sure",
        )


def _client(report: ClientReport) -> Iterator[Finding]:
    shown = f"client {report.id} {report.name}".rstrip()
    if _MACHINES in report.why_never:
        yield Finding("client_of_machines", f"{shown} never fires the trigger", report.why_never)
    elif not report.can_fire:
        by_flow = "no flow of it" in report.why_never
        yield Finding(
            "client_cannot_fire",
            f"{shown} cannot fire the trigger: whoever signs in by it alone does not come over",
            report.why_never,
            "switch the password flow on for it, and let the application use it (with Amplify: "
            "authFlowType USER_PASSWORD_AUTH)"
            if by_flow
            else "put that right, if people sign in by it",
            ("attach", "--client", report.id) if by_flow else (),
        )
    for note in report.notes:
        tells = note.startswith("PreventUserExistenceErrors")
        yield Finding(
            "client_tells_users" if tells else "client_fires_partly",
            f"{shown}: {note}",
            fix="set its PreventUserExistenceErrors to ENABLED" if tells else "",
        )


def _allowed(facts: DoctorFacts) -> set[str]:
    text = facts.deployment.parameter("AllowedClientIds") or ""
    return set(filter(None, text.replace(" ", "").split(",")))
