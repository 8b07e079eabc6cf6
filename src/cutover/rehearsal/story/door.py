"""The new pool's door: people sign in through Cognito's own call, and each reply is kept to the byte."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from cutover.rehearsal.world.people import Person

THREADS = 4
TRIES = 4
MIGRATION_FAULT = b"Exception migrating user"
"""What Cognito says where the trigger failed, or took longer than five seconds."""


@dataclass(frozen=True)
class Answer:
    """`body` is the reply as it came over the wire; a password never stands in a reply."""

    status: int
    body: bytes
    tokens: bool
    tries: int = 1


class Door:
    def __init__(self, client: Callable[[str], Any], app: str) -> None:
        self._cognito = client("cognito-idp")
        self._app = app
        self._heard = threading.local()
        self._cognito.meta.events.register(
            "before-parse.cognito-identity-provider.InitiateAuth", self._listen, unique_id="rehearsal-door"
        )

    def sign_in(self, name: str, password: str) -> Answer:
        """An error of the door itself is no answer: as people do, one tries again, a few times."""
        for tries in range(1, TRIES + 1):
            answer = replace(self._try(name, password), tries=tries)
            if MIGRATION_FAULT not in answer.body:
                break
        return answer

    def _try(self, name: str, password: str) -> Answer:
        try:
            reply = self._cognito.initiate_auth(
                ClientId=self._app,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": name, "PASSWORD": password},
            )
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
