"""What is behind an alias, and whether it is the newest."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cutover.aws.function_facts import read_function
from cutover.control.alias_state import differing


def test_an_alias_on_the_newest_configuration_differs_in_nothing(functions: Any) -> None:
    facts = read_function(functions, "MigrateUser", "migrate")
    assert facts.live is not None
    assert facts.latest is not None
    assert (facts.alias_found, differing(facts.live, facts.latest)) == (True, ())


def test_what_was_changed_behind_the_alias_shows(functions: Any) -> None:
    functions.update_function_configuration(
        FunctionName="migrate", Timeout=9, Environment={"Variables": {"A": "1"}}
    )
    facts = read_function(functions, "MigrateUser", "migrate")
    assert facts.live is not None
    assert facts.latest is not None
    assert differing(facts.live, facts.latest) == ("Environment", "Timeout")


def test_a_missing_alias_is_told_from_a_missing_function(functions: Any) -> None:
    functions.delete_alias(FunctionName="migrate", Name="live")
    assert not read_function(functions, "MigrateUser", "migrate").alias_found
    with pytest.raises(ClientError):
        read_function(functions, "MigrateUser", "nobody")


def test_an_alias_with_weights_shows_them(functions: Any) -> None:
    functions.update_function_configuration(FunctionName="migrate", Timeout=9)
    functions.publish_version(FunctionName="migrate")
    weights = {"AdditionalVersionWeights": {"2": 0.25}}
    functions.update_alias(FunctionName="migrate", Name="live", RoutingConfig=weights)
    assert read_function(functions, "MigrateUser", "migrate").weights == {"2": 0.25}
