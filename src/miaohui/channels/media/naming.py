"""A file's name: somebody else's words, made fit for a line of text, a header and a folder. Pure."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from miaohui.channels.media.kinds import Kind

LONGEST = 80
_TURNING = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
"""What turns the writing around, so that `exe.pdf` is read where `fdp.exe` stands, and what nobody sees."""
_TROUBLING = re.compile(r'[\[\]<>:"|?*`]')
"""What ends the name in a message, and what no folder of Windows takes."""
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,10})$")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def clean(name: str) -> str:
    """Without folders, control characters and what turns it around; empty when nothing is left."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(one if unicodedata.category(one)[0] != "C" else " " for one in _TURNING.sub("", last))
    plain = " ".join(_TROUBLING.sub(" ", shown).split()).strip(". ")
    if _DEVICES.match(plain):
        plain = f"_{plain}"
    ending = _ENDING.search(plain)
    kept = f".{ending[1]}" if ending else ""
    return plain if len(plain) <= LONGEST else plain[: LONGEST - len(kept)].rstrip(". ") + kept


def name_for(name: str, kind: Kind) -> str:
    """A name that ends as its kind does, whatever it was called: `run.exe` that is a PDF is `run.exe.pdf`."""
    plain = clean(name) or kind.family
    ending = _ENDING.search(plain)
    if ending and ending[1].lower() in kind.extensions:
        return plain
    return f"{plain[: LONGEST - len(kind.extensions[0]) - 1].rstrip('. ')}.{kind.extensions[0]}"


def disposition(name: str) -> str:
    """`Content-Disposition` of what is saved, for readers of RFC 2616 and of RFC 6266 with RFC 8187."""
    plain = "".join(one if " " <= one <= "~" and one not in '"\\%' else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
