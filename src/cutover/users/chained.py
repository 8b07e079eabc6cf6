"""What goes wrong with the function that the pool had for a trigger before ours, and runs after it now."""

from __future__ import annotations

UNAVAILABLE_TEXT = "This is not possible at the moment. Please try again."
UNREADABLE_TEXT = "Unrecognizable lambda output"
"""Where the function answered with something other than a JSON object."""


class ChainedFailure(Exception):
    """The application's own function failed. The text is what Cognito is to hear.

    Where the function raised, that is its own text: Cognito shows it to whoever signs up or in, and
    applications rely on it. It is theirs to keep names out of.
    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
    """
