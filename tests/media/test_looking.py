"""What a file is, by its bytes; what runs, is locked or damaged is refused, whatever it is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.media.samples import BAD, GOOD, film, packed

from miaohui.channels.media.errors import FileRefused
from miaohui.channels.media.looking import recognise
from miaohui.channels.media.packed import MOST_ENTRIES
from miaohui.channels.media.terms import Terms
from miaohui.kit.errors import TooLarge


@pytest.mark.parametrize("kind", GOOD)
def test_each_kind_is_known_by_its_bytes(kind: str) -> None:
    assert recognise(GOOD[kind]).name == kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"GIF89a", "gif"),
        (b"RIFF\x00\x00\x00\x00WEBP", "webp"),
        (b"ID3\x04" + bytes(20), "mp3"),
        (b"#!AMR-WB\n", "amr"),
        (film(b"mp42", b"soun"), "m4a"),
        ("a\tb\n1\t2\n".encode("utf-16"), "csv"),
        (b"just one line", "txt"),
        (b"1, 2\n3\n", "txt"),
    ],
)
def test_other_ways_of_writing_a_kind_are_known_too(body: bytes, kind: str) -> None:
    assert recognise(body).name == kind


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_taken_says_why(name: str) -> None:
    body, code = BAD[name]
    with pytest.raises(FileRefused) as refused:
        recognise(body)
    assert refused.value.code == code
    assert len(str(refused.value)) > 20


def test_an_archive_of_very_many_files_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    body = packed(*(f"{n}.txt" for n in range(MOST_ENTRIES + 1)))
    monkeypatch.setattr("zipfile.ZipFile", None)
    with pytest.raises(FileRefused):
        recognise(body)


def _said_of(body: bytes) -> str:
    try:
        return recognise(body).type
    except FileRefused as refused:
        return refused.code


@given(st.binary(max_size=300), st.sampled_from(sorted(GOOD)))
def test_whatever_comes_is_a_kind_or_a_refusal(more: bytes, kind: str) -> None:
    for body in (more, GOOD[kind][:20] + more, GOOD[kind] + more):
        assert _said_of(body).startswith(("file_", "image/", "audio/", "video/", "text/", "application/"))


def test_only_kinds_that_are_wanted_are_taken_and_none_larger_than_is_said() -> None:
    terms = Terms(most_kb={"txt": 1}, visitor_bytes=1)
    assert terms.judge(b"x" * 1_024).name == "txt"
    with pytest.raises(TooLarge) as large:
        terms.judge(b"x" * 1_025)
    assert large.value.code == "file_large"
    with pytest.raises(FileRefused):
        terms.judge(GOOD["pdf"])
    assert terms.judge(b"\xff\xd8\xff" + bytes(5_000_000)).name == "jpeg", "pictures always are"
    assert terms.extensions() == ["txt", "log", "md", "csv"]
    both = Terms(most_kb={"csv": 1, "txt": 1}, visitor_bytes=1)
    assert both.extensions() == ["txt", "log", "md", "csv", "tsv"], "each once"
