"""What doctor says of a migration that will work, and how it orders what it finds."""

from __future__ import annotations

import dataclasses

from cutover.control.deployment import Deployment
from cutover.control.doctor.examine import as_data, count, examine, next_command
from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Area, Finding, Severity, in_order
from tests.control.doctor.healthy import NOW, codes, healthy, only, with_clients


def command(*words: str) -> str | None:
    return " ".join(["cutover", *words])


def test_a_migration_that_will_work_has_nothing_but_a_note() -> None:
    assert [(one.code, one.severity) for one in examine(healthy())] == [("quota_shared", Severity.NOTE)]


def test_where_nothing_could_be_read_nothing_is_asserted() -> None:
    nothing = DoctorFacts(at=NOW, deployment=Deployment("app"))
    assert examine(nothing) == ()


def test_what_could_not_be_read_is_a_finding_with_awss_reason() -> None:
    facts = healthy(unread=("the old pool: DescribeUserPool AccessDeniedException",))
    finding = only(facts, "unread")
    assert (finding.what, finding.reason) == (
        "the old pool could not be read",
        "DescribeUserPool AccessDeniedException",
    )


def test_findings_come_area_by_area_the_worst_first() -> None:
    found = in_order(
        [Finding("client_tells_users", ""), Finding("old_client_flow", ""), Finding("alias_behind", "")]
    )
    assert [one.code for one in found] == ["alias_behind", "old_client_flow", "client_tells_users"]


def test_the_next_command_is_that_of_the_worst_finding_that_has_one() -> None:
    findings = examine(with_clients({"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]}))
    assert next_command(findings, command) == "cutover attach --client app"


def test_the_json_counts_by_severity() -> None:
    facts = healthy(protected=False)
    data = as_data(facts, examine(facts), command, show_users=False)
    assert data["counts"] == {"error": 0, "warning": 1, "note": 1}
    assert data["findings"][0]["next"] == "cutover attach --dry-run"


def test_a_code_of_attachs_that_is_not_in_the_catalogue_is_an_error_all_the_same() -> None:
    unknown = Finding("something_new", "it refuses")
    assert (unknown.severity, unknown.area) == (Severity.ERROR, Area.NEW_POOL)
    assert count([unknown])["error"] == 1


def test_every_field_of_the_facts_may_be_unknown() -> None:
    """One by one: a caller with part of the permissions still gets the rest."""
    facts = healthy()
    optional = ["attribute", "reports", "new", "old", "old_client", "triggers", "attachment", "protected"]
    fields = {field.name for field in dataclasses.fields(facts)}
    assert set(optional) <= fields
    for name in optional:
        assert "error" not in [one.severity for one in examine(dataclasses.replace(facts, **{name: None}))]


def test_the_words_of_status_are_used_where_the_trigger_is_gone() -> None:
    facts = healthy()
    assert facts.new is not None
    bare = {**facts.new.settings, "LambdaConfig": {**facts.new.triggers, "UserMigration": ""}}
    state = dataclasses.replace(facts.new.state, settings=bare)
    gone = dataclasses.replace(facts, new=dataclasses.replace(facts.new, state=state))
    assert codes(gone) == ["trigger_gone"]
