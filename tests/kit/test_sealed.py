from __future__ import annotations

import pytest

from miaohui.kit.errors import Unavailable
from miaohui.kit.sealed import Seal

SECRET = b"s" * 32


def test_what_was_sealed_opens_at_its_place_and_shows_nothing() -> None:
    sealed = Seal(SECRET).seal(b"sk-secret", "here")
    assert "sk-secret" not in sealed
    assert Seal(SECRET).open(sealed, "here") == b"sk-secret"
    assert sealed != Seal(SECRET).seal(b"sk-secret", "here")


@pytest.mark.parametrize(
    ("seal", "place"), [(Seal(SECRET), "there"), (Seal(b"o" * 32), "here"), (Seal(SECRET, "engines"), "here")]
)
def test_it_opens_nowhere_else(seal: Seal, place: str) -> None:
    sealed = Seal(SECRET).seal(b"sk-secret", "here")
    with pytest.raises(Unavailable):
        seal.open(sealed, place)


@pytest.mark.parametrize("broken", ["", "s1.", "s1.%%%", "s1.AAAA"])
def test_what_is_no_seal_is_refused(broken: str) -> None:
    with pytest.raises(Unavailable):
        Seal(SECRET).open(broken, "here")


def test_what_the_secret_before_sealed_opens_and_nothing_new_is_sealed_with_it() -> None:
    rotated = Seal(b"n" * 32, before=SECRET)
    assert rotated.open(Seal(SECRET).seal(b"sk-secret", "here"), "here") == b"sk-secret"
    fresh = rotated.seal(b"sk-secret", "here")
    assert Seal(b"n" * 32).open(fresh, "here") == b"sk-secret"
    with pytest.raises(Unavailable):
        Seal(SECRET).open(fresh, "here")
