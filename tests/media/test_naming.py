"""Names of files: never a path, never a trick, and always with the ending of what the file is."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels.media.kinds import KINDS
from miaohui.channels.media.naming import LONGEST, clean, disposition, name_for


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("发票 2026.pdf", "发票 2026.pdf"),
        ("..\\..\\windows\\x.pdf", "x.pdf"),
        ("/etc/passwd", "passwd"),
        ("\u202efdp.exe", "fdp.exe"),
        ("a\u200bb\u2066c.pdf", "abc.pdf"),
        ("a\x00\r\nb.pdf", "a b.pdf"),
        ('](javascript:hit)["x<y>|?*.pdf', "(javascript hit) x y .pdf"),
        ("...", ""),
        ("CON.txt", "_CON.txt"),
        ("x" * 300 + ".docx", "x" * (LONGEST - 5) + ".docx"),
    ],
)
def test_names_are_made_harmless(given_name: str, kept: str) -> None:
    assert clean(given_name) == kept


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("run.exe", "pdf", "run.exe.pdf"),
        ("a.PDF", "pdf", "a.PDF"),
        ("notes", "txt", "notes.txt"),
        ("page.html", "txt", "page.html.txt"),
        ("table.csv", "txt", "table.csv"),
        ("", "mp3", "audio.mp3"),
        ("", "docx", "document.docx"),
    ],
)
def test_a_name_ends_as_its_kind_does(name: str, kind: str, kept: str) -> None:
    assert name_for(name, KINDS[kind]) == kept


@given(st.text(max_size=300), st.sampled_from(sorted(KINDS)))
def test_no_name_leaves_its_line_its_header_or_its_folder(name: str, kind: str) -> None:
    kept = name_for(name, KINDS[kind])
    assert 0 < len(kept) <= LONGEST
    assert not set(kept) & set('/\\[]\r\n\x00"<>|')
    assert kept.isprintable()
    assert kept.rpartition(".")[2].lower() in KINDS[kind].extensions
    assert name_for(kept, KINDS[kind]) == kept, "cleaned once is clean"
    header = disposition(kept)
    assert header.isascii()
    assert header.isprintable()
    assert unquote(header.partition("filename*=UTF-8''")[2]) == kept
    assert header.count('"') == 2
