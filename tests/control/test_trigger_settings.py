"""The settings that a simulation reads are those that the template gives to the trigger."""

from __future__ import annotations

import pytest

from cutover.control.deployment import Deployment
from cutover.control.trigger_settings import FROM_OUTPUTS, FROM_PARAMETERS, trigger_settings
from cutover.errors import UsageError
from cutover.rehearsal.template import read_template
from tests.template.expanding import TEMPLATE

OUTPUTS = {"LedgerTable": "ledger", "SettleQueueUrl": "queue"}


def test_each_variable_comes_from_the_parameter_that_the_template_gives_it() -> None:
    function = read_template(TEMPLATE)["Resources"]["MigrateUser"]["Properties"]
    variables = function["Environment"]["Variables"]
    assert {name: variables[name] for name in FROM_PARAMETERS} == {
        name: {"Ref": parameter} for name, parameter in FROM_PARAMETERS.items()
    }


def test_each_output_that_is_read_is_the_variables_own() -> None:
    template = read_template(TEMPLATE)
    variables = template["Resources"]["MigrateUser"]["Properties"]["Environment"]["Variables"]
    values = {name: template["Outputs"][output]["Value"] for name, output in FROM_OUTPUTS.items()}
    assert values == {name: variables[name] for name in FROM_OUTPUTS}


def test_a_deployment_is_read() -> None:
    parameters = {
        "NewUserPoolId": "eu-west-1_new",
        "OldUserPoolId": "eu-west-1_old",
        "OldClientId": "client",
        "MfaPolicy": "accept",
    }
    settings = trigger_settings(Deployment("app", parameters, OUTPUTS))
    assert (settings.old_region, settings.accept_mfa) == ("eu-west-1", True)


def test_a_stack_that_moves_no_users_is_refused() -> None:
    with pytest.raises(UsageError):
        trigger_settings(Deployment("app", {}, OUTPUTS))
