"""How many files a server may open."""

from __future__ import annotations

import resource

import pytest

from miaohui.channels.server import allow_files


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "allowed"),
    [
        (1_024, 65_536, 21_200, 21_200),
        (1_024, 4_096, 21_200, 4_096),
        (1_024, resource.RLIM_INFINITY, 21_200, 21_200),
        (65_536, 65_536, 21_200, 21_200),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 21_200, 21_200),
    ],
)
def test_the_limit_is_raised_as_far_as_it_is_needed_and_may_be(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, wanted: int, allowed: int
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    assert allow_files(wanted) == allowed
    assert asked == ([(allowed, hard)] if soft == 1_024 else [])
