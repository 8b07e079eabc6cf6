"""Signing in with a password, and answering what is asked besides: `pages.CHALLENGES`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cutover.rehearsal.front.clients import flow_error, hides_existence, secret_error
from tests.simulator import migration, passwords
from tests.simulator.faults import AwsError, parameter, refuse, unknown_user, wrong_password
from tests.simulator.pool import Client, Pool, User

if TYPE_CHECKING:
    from tests.simulator.service import Simulator


def initiate_auth(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, client = sim.client_of(asked)
    return _sign_in(sim, pool, client, asked, {"USER_PASSWORD_AUTH"})


def admin_initiate_auth(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    pool, client = sim.client_of(asked)
    return _sign_in(sim, pool, client, asked, {"ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"})


def respond_to_auth_challenge(sim: Simulator, asked: dict[str, Any]) -> dict[str, Any]:
    """The session of a challenge is good once."""
    found = sim.sessions.pop(asked.get("Session", ""), None)
    if found is None or found[3] != asked["ChallengeName"]:
        raise AwsError("NotAuthorizedException", "Invalid session for the user.")
    pool, client, user, challenge = found
    given = asked.get("ChallengeResponses") or {}
    if challenge == "NEW_PASSWORD_REQUIRED":
        passwords.check_policy(pool, given.get("NEW_PASSWORD", ""))
        passwords.set_password(user, given["NEW_PASSWORD"])
    elif given.get(f"{challenge}_CODE") != user.codes.get(challenge):
        raise AwsError("CodeMismatchException", "Invalid code received for user")
    return {
        "AuthenticationResult": sim.tokens.issue(pool, client, user, sim.clock()),
        "ChallengeParameters": {},
    }


OPERATIONS = {
    "InitiateAuth": initiate_auth,
    "AdminInitiateAuth": admin_initiate_auth,
    "RespondToAuthChallenge": respond_to_auth_challenge,
}


def _sign_in(
    sim: Simulator, pool: Pool, client: Client, asked: dict[str, Any], flows: set[str]
) -> dict[str, Any]:
    flow, given = asked["AuthFlow"], asked.get("AuthParameters") or {}
    if flow not in flows:
        raise parameter(f"{flow} is not played here")
    name = given.get("USERNAME", "")
    refuse(flow_error(client, flow) or secret_error(client, name, given.get("SECRET_HASH")))
    name = pool.fold(name)
    user = pool.find(name) or migration.by_sign_in(sim, pool, client, name, asked)
    if user is None:
        raise unknown_user(client)
    _prove(sim, client, user, given.get("PASSWORD", ""))
    challenge = _challenge(sim, pool, client, user)
    if challenge:
        return challenge
    return {
        "AuthenticationResult": sim.tokens.issue(pool, client, user, sim.clock()),
        "ChallengeParameters": {},
    }


def _prove(sim: Simulator, client: Client, user: User, password: str) -> None:
    """No page tells in which order a state and a password are looked at. Here who is disabled is told at
    once; so is a required reset, for which the password then proves nothing."""
    if not user.enabled:
        raise AwsError("NotAuthorizedException", "User is disabled.")
    if user.status == "EXTERNAL_PROVIDER":
        raise wrong_password()
    if user.status == "RESET_REQUIRED":
        if hides_existence(client):
            raise wrong_password()
        raise AwsError("PasswordResetRequiredException", "Password reset required for the user")
    passwords.try_password(user, password, sim.clock())
    if user.status == "UNCONFIRMED":
        raise AwsError("UserNotConfirmedException", "User is not confirmed.")
    if user.status == "FORCE_CHANGE_PASSWORD" and sim.clock() > user.temporary_until:
        text = "Temporary password has expired and must be reset by an administrator."
        raise AwsError("NotAuthorizedException", text)


def _challenge(sim: Simulator, pool: Pool, client: Client, user: User) -> dict[str, Any] | None:
    """What is asked before tokens are issued. `USER_ID_FOR_SRP` is the user name, never an alias."""
    if user.status == "FORCE_CHANGE_PASSWORD":
        name = "NEW_PASSWORD_REQUIRED"
    elif len(user.factors) > 1:
        name = "SELECT_MFA_TYPE"
    elif user.factors:
        name = user.factors[0]
    else:
        return None
    if name == "SMS_MFA":
        sim.mail.send(pool.id, user, name, "phone_number", user.attributes.get("phone_number", ""))
    session = f"session-{len(sim.sessions):020}"
    sim.sessions[session] = (pool, client, user, name)
    return {
        "ChallengeName": name,
        "Session": session,
        "ChallengeParameters": {"USER_ID_FOR_SRP": user.username},
    }
