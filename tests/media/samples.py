"""Small files of each kind, as programs write them."""

from __future__ import annotations

import io
import struct
import zipfile


def packed(*names: str, locked: bool = False) -> bytes:
    """An archive with these names in it."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, f"contents of {name}")
    whole = bytearray(body.getvalue())
    if locked:  # the flag that says so, in each header and in the directory
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            found = whole.find(mark)
            while found >= 0:
                whole[found + at] |= 1
                found = whole.find(mark, found + 1)
    return bytes(whole)


def office(part: str, *more: str) -> bytes:
    """A document of the kind whose main part this is."""
    return packed("[Content_Types].xml", "_rels/.rels", part, *more)


def film(brand: bytes, *handlers: bytes) -> bytes:
    """An MP4 of these tracks."""
    head = struct.pack(">I", 20) + b"ftyp" + brand + bytes(4) + brand
    tracks = b"".join(b"\x00\x00\x00\x21hdlr" + bytes(8) + one + bytes(13) for one in handlers)
    return head + b"\x00\x00\x00\x08moov" + tracks


PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
DOCX = office("word/document.xml")
XLSX = office("xl/workbook.xml")
PPTX = office("ppt/presentation.xml")
TXT = "您好, 附上说明。\n第二行\n".encode()
CSV = '订单号,金额\nA-1,12.00\n"A,2",13.00\n'.encode("gb18030")
ZIP = packed("照片/1.jpg", "读我.txt")
MP3 = b"\xff\xfb\x90\x64" + bytes(400)
OGG = b"OggS\x00\x02" + bytes(22) + b"OpusHead\x01\x02" + bytes(300)
M4A = film(b"M4A ", b"soun")
AMR = b"#!AMR\n" + bytes(64)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data" + bytes(4)
MP4 = film(b"isom", b"vide", b"soun")
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + bytes(64)
GOOD = {
    "pdf": PDF,
    "docx": DOCX,
    "xlsx": XLSX,
    "pptx": PPTX,
    "txt": TXT,
    "csv": CSV,
    "zip": ZIP,
    "mp3": MP3,
    "ogg": OGG,
    "m4a": M4A,
    "amr": AMR,
    "wav": WAV,
    "mp4": MP4,
    "webm": WEBM,
}
BAD = {
    "program.pdf": (b"MZ\x90\x00" + bytes(64), "file_runs"),
    "elf.docx": (b"\x7fELF\x02\x01\x01" + bytes(64), "file_runs"),
    "shortcut.pdf": (b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(64), "file_runs"),
    "page.txt": (b"\xef\xbb\xbf  <!DOCTYPE html><script>hit=1</script>", "file_runs"),
    "picture.svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='hit=1'/>", "file_runs"),
    "late.txt": (b"hello\n" * 20 + b"<script>hit=1</script>", "file_runs"),
    "run.txt": (b"#!/bin/sh\nrm -rf ~\n", "file_runs"),
    "run.bat": (b"@echo off\r\ndel *\r\n", "file_runs"),
    "wide.txt": ("<html><body>".encode("utf-16"), "file_runs"),
    "macros.docx": (office("word/document.xml", "word/vbaProject.bin"), "file_runs"),
    "programs.zip": (packed("读我.txt", "setup.EXE "), "file_runs"),
    "java.zip": (packed("META-INF/MANIFEST.MF", "A.class"), "file_runs"),
    "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "file_runs"),
    "locked.docx": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64) + "EncryptedPackage".encode("utf-16-le"),
        "file_encrypted",
    ),
    "locked.zip": (packed("a.txt", locked=True), "file_encrypted"),
    "locked.pdf": (PDF.replace(b"/Root", b"/Encrypt 5 0 R /Root"), "file_encrypted"),
    "cut.pdf": (PDF[:40], "file_broken"),
    "cut.zip": (ZIP[:-30], "file_broken"),
    "cut.docx": (DOCX[:60], "file_broken"),
    "out.zip": (packed("../../etc/passwd"), "file_broken"),
    "behind.zip": (b"PK\x03\x04" + bytes(40) + ZIP, "file_broken"),
    "two.docx": (office("word/document.xml", "xl/workbook.xml"), "file_kind"),
    "rar.zip": (b"Rar!\x1a\x07\x01\x00" + bytes(64), "file_kind"),
    "noise.txt": (bytes(range(256)), "file_kind"),
    "theora.ogg": (b"OggS\x00\x02" + bytes(22) + b"\x80theora" + bytes(200), "file_kind"),
    "phone.mov": (film(b"qt  ", b"vide"), "file_kind"),
    "photo.heic": (film(b"heic"), "file_kind"),
    "film.mkv": (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska" + bytes(64), "file_kind"),
    "empty.txt": (b"", "file_empty"),
    "blank.txt": (b" \n\n", "file_empty"),
    "empty.zip": (b"PK\x05\x06" + bytes(18), "file_empty"),
}
