"""What the simulator refuses with, and the words that stand in more than one rule."""

from __future__ import annotations

from cutover.rehearsal.front.clients import hides_existence
from cutover.rehearsal.front.forward import Reply
from tests.fakes.cognito import AwsError
from tests.simulator.pool import Client

WRONG = "Incorrect username or password."


def refuse(reply: Reply | None) -> None:
    """Raises the refusal that one of the front's rules made."""
    if reply is not None:
        raise AwsError(reply.json()["__type"], reply.json()["message"])


def wrong_password() -> AwsError:
    return AwsError("NotAuthorizedException", WRONG)


def unknown_user(client: Client) -> AwsError:
    """`pages.EXISTENCE_ERRORS`."""
    return wrong_password() if hides_existence(client) else nobody()


def nobody() -> AwsError:
    return AwsError("UserNotFoundException", "User does not exist.")


def parameter(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


__all__ = ["AwsError", "nobody", "parameter", "refuse", "unknown_user", "wrong_password"]
