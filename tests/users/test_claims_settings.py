"""The settings of the claims function and of the groups, and what they refuse."""

from __future__ import annotations

import pytest

from cutover.errors import UsageError
from cutover.users.claims_settings import RESERVED, STANDARD, read_claims_settings
from cutover.users.group_settings import GroupSettings, read_group_settings

ENVIRONMENT = {"NEW_USER_POOL_ID": "eu-west-1_new", "LEDGER_TABLE": "ledger"}


def test_everything_else_is_optional() -> None:
    found = read_claims_settings({**ENVIRONMENT, "OLD_SUB_CLAIM": "", "LEGACY_SUB_ATTRIBUTE": ""})
    assert (found.claim, found.legacy_sub, found.groups) == (None, None, GroupSettings())


def test_the_settings_are_read() -> None:
    given = {"OLD_SUB_CLAIM": "old_sub", "LEGACY_SUB_ATTRIBUTE": "custom:was", "GROUPS": "off"}
    found = read_claims_settings({**ENVIRONMENT, **given})
    assert (found.claim, found.legacy_sub, found.groups.on) == ("old_sub", "custom:was", False)
    assert found.new_region == "eu-west-1"


@pytest.mark.parametrize("missing", sorted(ENVIRONMENT))
def test_what_is_needed_is_named_where_it_is_missing(missing: str) -> None:
    with pytest.raises(UsageError, match=missing):
        read_claims_settings({**ENVIRONMENT, missing: " "})


@pytest.mark.parametrize("claim", [*sorted(RESERVED | STANDARD), "cognito:groups", "dev:x", "aws:x"])
def test_a_claim_that_has_a_meaning_already_is_refused(claim: str) -> None:
    with pytest.raises(UsageError, match="OLD_SUB_CLAIM"):
        read_claims_settings({**ENVIRONMENT, "OLD_SUB_CLAIM": claim})


@pytest.mark.parametrize("claim", ["old_sub", "custom:old_sub", "legacy-sub"])
def test_other_claims_are_taken(claim: str) -> None:
    assert read_claims_settings({**ENVIRONMENT, "OLD_SUB_CLAIM": claim}).claim == claim


class TestGroups:
    def test_they_come_over_unless_they_are_switched_off(self) -> None:
        assert read_group_settings({}).on
        assert read_group_settings({"GROUPS": "on"}).on
        assert not read_group_settings({"GROUPS": "off"}).on

    def test_a_word_that_is_neither_is_refused(self) -> None:
        with pytest.raises(UsageError, match="GROUPS"):
            read_group_settings({"GROUPS": "yes"})

    def test_a_mapping_is_read(self) -> None:
        found = read_group_settings({"GROUP_MAP": "admins=staff, editors=editors"})
        assert found.mapped == {"admins": "staff", "editors": "editors"}

    @pytest.mark.parametrize("text", ["admins", "admins=", "=staff", "a=b=c", "a b=c", "a=b,c"])
    def test_a_mapping_that_cannot_be_understood_is_refused(self, text: str) -> None:
        with pytest.raises(UsageError, match="GROUP_MAP"):
            read_group_settings({"GROUP_MAP": text})

    def test_an_old_group_is_mapped_once(self) -> None:
        with pytest.raises(UsageError, match="twice"):
            read_group_settings({"GROUP_MAP": "a=b,a=c"})
