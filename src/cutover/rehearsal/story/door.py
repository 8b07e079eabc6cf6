"""The new pool's door: people sign in through Cognito's own call, and each reply is kept to the byte."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from cutover.rehearsal.world.people import Person

THREADS = 4
TRIES = 4
OK = 200
MIGRATION_FAULT = b"Exception migrating user"
"""What Cognito says where the trigger failed, or took longer than five seconds."""


@dataclass(frozen=True)
class Answer:
    """`body` is the reply as it came over the wire; a password never stands in a reply."""

    status: int
    body: bytes
    tokens: bool
    tries: int = 1


def claims_of(answer: Answer) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the ID token and the access token of a sign-in say. The door itself handed them out: nothing is
    verified."""
    tokens = json.loads(answer.body)["AuthenticationResult"]
    return _payload(tokens["IdToken"]), _payload(tokens["AccessToken"])


def _payload(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


class Door:
    def __init__(self, client: Callable[[str], Any], app: str) -> None:
        self._cognito = client("cognito-idp")
        self._app = app
        self._heard = threading.local()
        self._cognito.meta.events.register(
            "before-parse.cognito-identity-provider", self._listen, unique_id="rehearsal-door"
        )

    def sign_up(self, name: str, email: str, password: str, metadata: dict[str, str] | None = None) -> Answer:
        """`tokens` of a sign-up's answer says nothing; a status of 200 is a new account."""
        return self._ask(
            "sign_up",
            Username=name,
            Password=password,
            UserAttributes=[{"Name": "email", "Value": email}],
            ClientMetadata=metadata or {},
        )

    def reset(self, name: str, code: str, password: str) -> Answer:
        """A forgotten password: the code is asked for, and typed in with the new password."""
        asked = self._ask("forgot_password", Username=name)
        if asked.status != OK:
            return asked
        return self._ask("confirm_forgot_password", Username=name, ConfirmationCode=code, Password=password)

    def sign_in(self, name: str, password: str) -> Answer:
        """An error of the door itself is no answer: as people do, one tries again, a few times."""
        for tries in range(1, TRIES + 1):
            answer = replace(self._try(name, password), tries=tries)
            if MIGRATION_FAULT not in answer.body:
                break
        return answer

    def _try(self, name: str, password: str) -> Answer:
        typed = {"USERNAME": name, "PASSWORD": password}
        return self._ask("initiate_auth", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=typed)

    def _ask(self, operation: str, **words: Any) -> Answer:
        try:
            reply = getattr(self._cognito, operation)(ClientId=self._app, **words)
            tokens = "AuthenticationResult" in reply
        except ClientError:
            tokens = False
        return Answer(self._heard.status, self._heard.body, tokens)

    def let_in(
        self, people: Sequence[Person], entered: Callable[[], None] = lambda: None
    ) -> dict[Person, Answer]:
        """Everybody types name and password, a few at a time."""

        def enter(person: Person) -> Answer:
            answer = self.sign_in(person.typed_name, person.typed_password)
            entered()
            return answer

        with ThreadPoolExecutor(THREADS) as threads:
            return dict(zip(people, threads.map(enter, people), strict=True))

    def _listen(self, response_dict: Any, **_: Any) -> None:
        self._heard.status, self._heard.body = response_dict["status_code"], response_dict["body"]
