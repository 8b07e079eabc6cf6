"""What botocore and moto would read and compute anew for each session and each pool, done once for the run.

None of it differs from one test to the next: botocore's models of the services, and the one signing key that
moto gives to every pool. Together they were half of the tests' time.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import botocore.session
from botocore.loaders import create_loader
from joserfc.jwk import RSAKey
from moto.cognitoidp import models as moto_cognito
from moto.utilities.utils import load_resource


@cache
def _signing_key() -> RSAKey:
    """moto's key: its file leaves the primes out, and finding them takes a tenth of a second."""
    return RSAKey.import_key(load_resource("cognitoidp/resources/jwks-private.json"))


class _Key:
    @staticmethod
    def import_key(_: Any) -> RSAKey:
        return _signing_key()


def remember() -> None:
    """For the rest of this process."""
    botocore.session.create_loader = cache(create_loader)
    moto_cognito.jwk = SimpleNamespace(RSAKey=_Key)
