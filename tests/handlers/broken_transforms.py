"""A module of a user's that cannot be imported: it asks for a setting that nobody gave."""

from __future__ import annotations

import os

SETTING = os.environ["NOBODY_SET_THIS"]
