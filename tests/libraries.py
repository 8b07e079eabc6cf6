"""What botocore and moto would read and compute anew for each session and each pool, done once for the run.

None of it differs from one test to the next: the models of the services, the names of events, whether a
handler takes keywords, the methods of moto's services, and the one signing key that moto gives to every pool.
Together they were more than half of the tests' time.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import botocore.session
from botocore import hooks
from botocore.loaders import create_loader
from joserfc.jwk import RSAKey
from moto.awslambda.models import LambdaBackend
from moto.cognitoidp import models as moto_cognito
from moto.core import responses as moto_responses
from moto.core.utils import method_names_from_class
from moto.utilities.utils import load_resource


@cache
def _signing_key() -> RSAKey:
    """moto's key: its file leaves the primes out, and finding them takes a tenth of a second."""
    return RSAKey.import_key(load_resource("cognitoidp/resources/jwks-private.json"))


class _Key:
    @staticmethod
    def import_key(_: Any) -> RSAKey:
        return _signing_key()


def _takes_keywords(handler: Callable[..., Any]) -> bool:
    """What `inspect` says, read where it reads it in the end. botocore asks it a hundred times a session."""
    code = getattr(getattr(handler, "__func__", handler), "__code__", None)
    if code is None:
        return inspect.getfullargspec(handler).varkw is not None
    return bool(code.co_flags & inspect.CO_VARKEYWORDS)


class _Aliaser(hooks.EventAliaser):
    """Every session and every client makes one, all with the same aliases: so the names are found once."""

    _names: dict[str, str] = {}  # noqa: RUF012 - shared on purpose

    def __init__(self, event_emitter: Any, event_aliases: Any = None) -> None:
        super().__init__(event_emitter, event_aliases)
        if self._event_aliases == hooks.EVENT_ALIASES:
            self._alias_name_cache = self._names


def _not_delivered(*_: Any, **__: Any) -> None:
    """At every write to a table that a function follows, moto would look for Docker to run the function."""


def remember() -> None:
    """For the rest of this process."""
    hooks.accepts_kwargs = _takes_keywords
    botocore.session.EventAliaser = _Aliaser
    moto_responses.method_names_from_class = cache(method_names_from_class)
    botocore.session.create_loader = cache(create_loader)
    LambdaBackend.send_dynamodb_items = _not_delivered
    moto_cognito.jwk = SimpleNamespace(RSAKey=_Key)
