"""A password's hash is dear to whoever guesses, though tests pay less (`cheap_passwords`)."""

from __future__ import annotations

import runpy

from argon2 import PasswordHasher, Type

from miaohui.identity import passwords
from miaohui.identity.passwords import Passwords


def test_a_guess_costs_64_mib_three_times_over() -> None:
    hasher = runpy.run_path(passwords.__file__)["Passwords"]()._hasher
    assert isinstance(hasher, PasswordHasher)
    assert (hasher.type, hasher.memory_cost >= 65_536, hasher.time_cost >= 3) == (Type.ID, True, True)


async def test_only_the_password_itself_fits_and_it_is_not_stored() -> None:
    kept = Passwords()
    stored = await kept.hash("correct horse")
    assert "correct" not in stored
    assert await kept.hash("correct horse") != stored
    assert await kept.check(stored, "correct horse")
    assert not await kept.check(stored, "correct horses")
    assert not await kept.check(None, "correct horse")
    assert not await kept.check("no hash at all", "correct horse")
