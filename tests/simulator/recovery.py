"""A forgotten password: `pages.FORGOT_PASSWORD`, `pages.EXISTENCE_ERRORS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cutover.rehearsal.front.clients import hides_existence, secret_error
from tests.simulator import migration, passwords
from tests.simulator.faults import AwsError, nobody, parameter, refuse, unknown_user
from tests.simulator.mail import details, verified_contact

if TYPE_CHECKING:
    from tests.simulator.service import Simulator

PURPOSE = "forgot_password"


def forgot_password(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    """The code goes to a verified address alone. For nobody the answer looks the same where the client hides
    who exists. That disabled users and temporary passwords are refused stands in no page."""
    pool, client = sim.client_of(asked)
    refuse(secret_error(client, asked["Username"], asked.get("SecretHash")))
    name = pool.fold(asked["Username"])
    user = pool.find(name) or migration.by_forgotten_password(sim, pool, client, name, asked)
    if user is None:
        if hides_existence(client):
            return {"CodeDeliveryDetails": details()}
        raise nobody()
    if not user.enabled:
        raise AwsError("NotAuthorizedException", "User is disabled.")
    if user.status in {"FORCE_CHANGE_PASSWORD", "EXTERNAL_PROVIDER", "UNCONFIRMED"}:
        raise AwsError("NotAuthorizedException", "User password cannot be reset in the current state.")
    contact = verified_contact(user)
    if contact is None:
        text = "Cannot reset password for the user as there is no registered/verified email or phone_number"
        raise parameter(text)
    return {"CodeDeliveryDetails": sim.mail.send(pool.id, user, PURPOSE, contact, user.attributes[contact])}


def confirm_forgot_password(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, client = sim.client_of(asked)
    user = pool.find(pool.fold(asked["Username"]))
    if user is None:
        raise unknown_user(client)
    if user.codes.get(PURPOSE) != asked["ConfirmationCode"]:
        raise AwsError("CodeMismatchException", "Invalid verification code provided, please try again.")
    passwords.check_policy(pool, asked["Password"])
    passwords.set_password(user, asked["Password"])
    user.codes.pop(PURPOSE)
    return {}


OPERATIONS = {"ForgotPassword": forgot_password, "ConfirmForgotPassword": confirm_forgot_password}
