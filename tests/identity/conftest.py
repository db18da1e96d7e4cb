from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from tests.support.clock import ManualClock

from miaohui.identity.service import Identity, IdentityOptions
from miaohui.kit.database import Database

SECRET = b"0123456789abcdef0123456789ABCDEF"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def identity(database: Database, clock: ManualClock) -> Identity:
    return Identity(database, clock, SECRET, IdentityOptions(hasher=CHEAP, login_attempts_per_minute=3))
