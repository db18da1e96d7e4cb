"""A web page as Markdown: its main part, without menus, scripts, and what no reader would see."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from miaohui.knowledge.parsed import MOST_CHARACTERS, Parsed, Unparsable, format_table

_NOT_READ = (
    "script, style, noscript, template, iframe, object, embed, svg, canvas, form, button, input, select, textarea, nav,"
    " aside, footer, dialog, [hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo]"
)
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?!\.?\d)"
    r"|(?:^|;)\s*color\s*:\s*(?:white|#fff(?:fff)?|transparent)\b|text-indent\s*:\s*-\d{3,}|left\s*:\s*-\d{4,}",
    re.IGNORECASE,
)
_MAIN = ("main", "article", "[role=main]", "#content", ".content", "body")
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_BLOCKS = frozenset(
    [
        *("p", "div", "section", "article", "main", "ul", "ol", "dl", "dd", "dt", "blockquote", "figure"),
        *("figcaption", "header", "details", "summary"),
    ]
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,20})", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\u00a0]+")
_GAPS = re.compile(r"\n\s*\n\s*(?:\n\s*)*")
_DEEPEST = 200


def read_html(content: bytes) -> Parsed:
    """Raises `Unparsable` for a page without words."""
    tree = LexborHTMLParser(decode(content))
    for node in tree.css(_NOT_READ):
        node.decompose()
    for node in tree.css("[style]"):
        if _UNSEEN.search(node.attributes.get("style") or ""):
            node.decompose()
    title = tree.css_first("title")
    main = next((found for place in _MAIN if (found := tree.css_first(place)) and found.text(strip=True)), None)
    text = _tidy("".join(_write(main, 0)))[:MOST_CHARACTERS] if main else ""
    if not text:
        raise Unparsable("holds no text")
    first = tree.css_first("h1")
    named = first.text(strip=True) if first else ""
    return Parsed(title=named or (title.text(strip=True) if title else ""), text=text)


def decode(content: bytes) -> str:
    """By its own word, else UTF-8, else GB 18030."""
    named = _CHARSET.search(content[:4_096])
    encodings = [named[1].decode("ascii")] if named else []
    for encoding in (*encodings, "utf-8-sig", "gb18030"):
        try:
            return content.decode("gb18030" if encoding.lower() in {"gb2312", "gbk"} else encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("utf-8", "replace")


def _write(node: LexborNode, depth: int) -> list[str]:
    parts: list[str] = []
    for child in node.iter(include_text=True):
        parts += _write_one(child, depth)
    return parts


def _write_one(node: LexborNode, depth: int) -> list[str]:  # noqa: PLR0911  (one line for each kind)
    tag = node.tag
    if tag == "-text":
        return [_BLANKS.sub(" ", (node.text(deep=False) or "").replace("\n", " "))]
    if tag in {"_comment", "-comment"} or depth > _DEEPEST:
        return []
    if tag == "br":
        return ["\n"]
    if tag == "img":
        alt = (node.attributes.get("alt") or "").strip()
        return [f" {alt} "] if alt else []
    if tag == "table":
        return ["\n\n", format_table(_rows(node)), "\n\n"]
    if tag == "pre":
        return ["\n\n```\n", node.text(), "\n```\n\n"]
    inner = "".join(_write(node, depth + 1))
    if tag in _HEADINGS:
        return [f"\n\n{_HEADINGS[tag]} {' '.join(inner.split())}\n\n"]
    if tag == "li":
        return [f"\n- {inner.strip()}"]
    if tag == "a":
        return [_link(inner, node.attributes.get("href") or "")]
    return [f"\n\n{inner}\n\n"] if tag in _BLOCKS else [inner]


def _link(words: str, target: str) -> str:
    words = words.strip()
    safe = target.startswith(("http://", "https://", "/", ".")) or re.match(r"[\w-]+(?:\.html?|/)", target)
    return f"[{words}]({target})" if words and safe and " " not in target and "\n" not in words else words


def _rows(table: LexborNode) -> list[list[str]]:
    return [
        [" ".join(cell.text(separator=" ").split()).replace("|", "/") for cell in row.css("th, td")]
        for row in table.css("tr")
    ]


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in _GAPS.sub("\n\n", text).split("\n")]
    return "\n".join(lines).strip()
