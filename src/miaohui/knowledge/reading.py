"""Files into articles: Markdown with front matter, question–answer tables, plain text. Touches nothing but the file."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from miaohui.knowledge import apart
from miaohui.knowledge.holding import NoDate, parse_from, parse_until
from miaohui.knowledge.naming import find_names, name_of_file
from miaohui.knowledge.parsed import Document, Parsed
from miaohui.knowledge.segment import is_han

MOST_FILE_BYTES = 10 * 1024 * 1024
PARSE_SECONDS = 40
MOST_TITLE_CHARACTERS = 200
MOST_ROWS = 20_000
_PARSED = frozenset({".xlsx", ".docx", ".pdf", ".html", ".htm"})
SUFFIXES = frozenset({".md", ".markdown", ".txt", ".csv", ".zip"}) | _PARSED

_COLUMNS = {
    "question": ("question", "问题", "问", "q"),
    "answer": ("answer", "答案", "回答", "答", "a"),
    "title": ("title", "标题"),
    "tags": ("tags", "标签"),
    "locale": ("locale", "语言"),
    "valid_from": ("valid_from", "生效日期", "开始日期"),
    "valid_until": ("valid_until", "失效日期", "截止日期"),
}
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^(\w+)[ \t]*:[ \t]*(.*)$")
_ITEM = re.compile(r"^[ \t]*-[ \t]+(.*)$")
_FIRST_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_SPLIT = re.compile(r"[,，、;；|]")


_parsed = msgspec.msgpack.Decoder(Parsed)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")


class BrokenFile(Exception):
    """This file cannot be read; the message says why, in words for whoever wrote it."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An article as a file has it, before it has an id."""

    source: str
    title: str
    text: str
    locale: str
    tags: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """What else it is called: see `naming`, and its own summary."""
    valid_from_ms: int = 0
    valid_until_ms: int = 0

    @property
    def digest(self) -> str:
        """Changes when anything of the article does."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


def list_files(folder: Path) -> list[Path]:
    """Files to import, in a fixed order; nothing hidden, and nothing that a link leads out of the folder to."""
    root = folder.resolve(strict=True)
    return [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in SUFFIXES
        and not any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)
        and path.is_file()
        and path.resolve().is_relative_to(root)
    ]


def look_at(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file to import: what differs from the last look has changed."""
    looks: dict[str, tuple[int, int]] = {}
    for path in list_files(folder):
        try:
            found = path.stat()
        except OSError:
            continue
        looks[str(path)] = (found.st_size, found.st_mtime_ns)
    return looks


def read_file(path: Path, source: str) -> list[Draft]:
    """The articles of one file. Raises `BrokenFile`."""
    try:
        size = path.stat().st_size
        if size > MOST_FILE_BYTES:
            raise BrokenFile(f"larger than {MOST_FILE_BYTES // 1024 // 1024} MB")
        content = path.read_bytes()
    except OSError as error:
        raise BrokenFile(f"cannot be opened: {error.strerror or error}") from error
    return read_content(content, source, path.suffix.lower())


def read_content(content: bytes, source: str, suffix: str) -> list[Draft]:
    """The articles of a document. Raises `BrokenFile`."""
    if suffix == ".zip":
        return _from_archive(content, source)
    if suffix in _PARSED:
        drafts = list(_from_parsed(_parse(content, suffix), source, rows=suffix == ".xlsx"))
    elif suffix == ".csv":
        drafts = list(_from_rows(_read_csv(_decode(content)), source))
    elif suffix in SUFFIXES:
        drafts = [read_text(_decode(content), source, markdown=suffix != ".txt")]
    else:
        raise BrokenFile(f"is of a kind that is not read; there are {', '.join(sorted(SUFFIXES))}")
    if not drafts:
        raise BrokenFile("holds no question with an answer")
    return drafts


def _from_archive(content: bytes, source: str) -> list[Draft]:
    """Whatever it holds that can be read; one broken member breaks it all, so that nothing is silently left out."""
    drafts: list[Draft] = []
    for name, body in _parse(content, ".zip").members:
        suffix = Path(name).suffix.lower()
        if suffix not in SUFFIXES:
            continue
        try:
            drafts += read_content(body, f"{source}/{name}", suffix)
        except BrokenFile as error:
            raise BrokenFile(f"{name} {error}") from error
    if not drafts:
        raise BrokenFile("holds no document that is read")
    return drafts


def _from_parsed(parsed: Parsed, source: str, *, rows: bool) -> Iterator[Draft]:
    if rows:
        yield from _from_rows(parsed.rows, source)
        return
    draft = read_text(parsed.text, source)
    title = parsed.title[:MOST_TITLE_CHARACTERS] or draft.title
    yield msgspec.structs.replace(draft, title=title, text=without_marks(draft.text))


def without_marks(text: str) -> str:
    """Without characters that no reader sees and a model does: zero-width ones, tags, directions."""
    return _INVISIBLE.sub("", text)


def name_drafts(drafts: dict[str, Draft]) -> dict[str, Draft]:
    """The same drafts, each with the names that the others call it by."""
    names = find_names({source: draft.text for source, draft in drafts.items()})
    return {
        source: msgspec.structs.replace(draft, names=_distinct(draft, names[source])) if source in names else draft
        for source, draft in drafts.items()
    }


def _distinct(draft: Draft, more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in (*draft.names, *more) if name != draft.title))


def parse_front_matter(text: str) -> tuple[dict[str, list[str]], str]:
    """Fields and the text below them. Understands `key: value`, `key: [a, b]` and `- item` lines, nothing more."""
    front = _FRONT.match(text)
    if not front:
        return {}, text.removeprefix("\ufeff")
    fields: dict[str, list[str]] = {}
    current: list[str] = []
    for line in front[1].splitlines():
        if item := _ITEM.match(line):
            current.append(_unquote(item[1]))
        elif field := _FIELD.match(line.rstrip()):
            current = fields.setdefault(field[1].lower(), [])
            current += _parse_values(field[2].strip())
    return fields, text[front.end() :]


def read_text(text: str, source: str, *, markdown: bool = True) -> Draft:
    """The article that a text is. Raises `BrokenFile` when it is empty."""
    fields, body = parse_front_matter(text) if markdown else ({}, text.removeprefix("\ufeff"))
    if not body.strip():
        raise BrokenFile("is empty")
    first = _FIRST_HEADING.search(body) if markdown else None
    title = _first(fields, "title") or (first[1] if first else "") or Path(source).stem
    holds = _holds(_first(fields, "valid_from"), _first(fields, "valid_until"))
    return Draft(
        source=source,
        title=title[:MOST_TITLE_CHARACTERS],
        text=body,
        locale=_locale(_first(fields, "locale") or _first(fields, "lang"), title + body[:500]),
        tags=tuple(tag for value in fields.get("tags", ()) for tag in _split(value)),
        questions=tuple(question for question in fields.get("questions", ()) if question),
        names=tuple(name for name in (_first(fields, "description"), name_of_file(source)) if name and name != title),
        valid_from_ms=holds[0],
        valid_until_ms=holds[1],
    )


def _from_rows(rows: Iterable[Sequence[object]], source: str) -> Iterator[Draft]:
    """One article per question; its place in the table does not matter to its identity, its question does."""
    cells = ([("" if cell is None else str(cell)).strip() for cell in row] for row in rows)
    columns = _find_columns(next(cells, []))
    seen: set[str] = set()
    for number, row in enumerate(cells):
        if number >= MOST_ROWS:
            raise BrokenFile(f"has more than {MOST_ROWS} rows")
        found = {name: row[column] for name, column in columns.items() if column < len(row)}
        question, answer = found.get("question", ""), found.get("answer", "")
        if not question or not answer or question in seen:
            continue
        seen.add(question)
        holds = _holds(found.get("valid_from", ""), found.get("valid_until", ""))
        yield Draft(
            source=f"{source}#{hashlib.sha256(question.encode()).hexdigest()[:16]}",
            title=(found.get("title") or question)[:MOST_TITLE_CHARACTERS],
            text=answer,
            locale=_locale(found.get("locale", ""), question),
            tags=tuple(_split(found.get("tags", ""))),
            questions=(question,),
            valid_from_ms=holds[0],
            valid_until_ms=holds[1],
        )


def _holds(since: str, until: str) -> tuple[int, int]:
    try:
        from_ms, until_ms = parse_from(since), parse_until(until)
    except NoDate as error:
        raise BrokenFile(str(error)) from error
    if until_ms and until_ms <= from_ms:
        raise BrokenFile("ends to hold before it begins to: valid_until must be after valid_from")
    return from_ms, until_ms


def _find_columns(header: Sequence[str]) -> dict[str, int]:
    names = [cell.removeprefix("\ufeff").strip().lower() for cell in header]
    columns = {
        field: names.index(name) for field, known in _COLUMNS.items() for name in reversed(known) if name in names
    }
    if "question" not in columns or "answer" not in columns:
        raise BrokenFile("its first row must name the columns question and answer, or 问题 and 答案")
    return columns


def _read_csv(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise BrokenFile(f"is not well-formed CSV: {error}") from error


def _parse(content: bytes, suffix: str) -> Parsed:
    """By a process of its own, whatever the document does there."""
    order = msgspec.msgpack.encode(Document(suffix, content))
    try:
        parsed = _parsed.decode(apart.run("miaohui.knowledge.parsing", order, seconds=PARSE_SECONDS))
    except apart.Failed as failure:
        raise BrokenFile(f"could not be read: {failure}") from failure
    except msgspec.DecodeError as error:
        raise BrokenFile("could not be read") from error
    if parsed.problem:
        raise BrokenFile(parsed.problem)
    return parsed


def _decode(content: bytes) -> str:
    """UTF-8, else GB 18030 (which contains GBK), else UTF-16 with its mark."""
    encodings: tuple[str, ...] = ("utf-8-sig", "gb18030")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif b"\0" in content:
        raise BrokenFile("is not text")
    for encoding in encodings:
        try:
            return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise BrokenFile("is neither UTF-8 nor GBK text")


def _parse_values(value: str) -> list[str]:
    if not value:
        return []
    if value.startswith("[") and value.endswith("]"):
        inner = next(csv.reader([value[1:-1]], skipinitialspace=True), [])
        return [_unquote(part) for part in inner if part.strip()]
    return [_unquote(value)]


def _unquote(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _split(value: str) -> list[str]:
    return [part.strip() for part in _SPLIT.split(value) if part.strip()]


def _first(fields: dict[str, list[str]], name: str) -> str:
    values = fields.get(name)
    return values[0] if values else ""


def _locale(named: str, text: str) -> str:
    """What the file says, else what its letters say."""
    name = named.strip().lower().replace("_", "-")
    if name:
        return "zh-CN" if name.startswith("zh") else name
    return "zh-CN" if is_han(text) else "en"
