"""How a company is set up: its inboxes and their assistants, what is let in, its tools, and files to learn from."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Annotated

import msgspec
from fastapi import Query, Request, Response

from miaohui.channels.rest import office_schemas as forms
from miaohui.channels.rest import office_views as views
from miaohui.channels.rest import schemas
from miaohui.channels.rest.edge import Doors, Who, answer, roomy
from miaohui.channels.rest.engine_schemas import RouteName
from miaohui.guard.types import OwnWords, Replacement
from miaohui.inboxes.types import Assistant
from miaohui.kit.errors import FieldError, Invalid, NotFound, Unavailable
from miaohui.knowledge.uploading import Upload, read_uploads
from miaohui.realtime.frames import rfc3339
from miaohui.tools.trying import Place, try_tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.channels.services import Services
    from miaohui.guard.lists import OwnLists
    from miaohui.identity.types import Principal
    from miaohui.inboxes.types import Inbox


async def get_inbox(inbox_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """One inbox and the assistant that serves there."""
    return answer(views.inbox(await doors.inboxes.get(who.tenant_id, inbox_id)))


async def change_inbox(inbox_id: schemas.Id, form: forms.ChangeInbox, doors: Doors, who: Who) -> Response:
    """Another name, language, sites that may embed it, or another assistant. Holds for the next message."""
    known = await doors.inboxes.get(who.tenant_id, inbox_id)
    changed = await doors.inboxes.change(_changed(known, form))
    await doors.journal.audit(who, "inbox.changed", inbox_id, {"fields": ", ".join(sorted(form.model_fields_set))})
    return answer(views.inbox(changed))


async def get_company(doors: Doors, who: Who) -> Response:
    """The company that you belong to."""
    tenant = await doors.tenants.get(who.tenant_id)
    created_at = rfc3339(tenant.created_at_ms)
    return answer(views.CompanyView(id=tenant.id, name=tenant.name, slug=tenant.slug, created_at=created_at))


async def change_company(form: forms.ChangeCompany, doors: Doors, who: Who) -> Response:
    """Another name, in prompts and letters from the next one on. The short name stays: addresses are made of it."""
    before = await doors.tenants.get(who.tenant_id)
    tenant = await doors.tenants.rename(who.tenant_id, form.name)
    await doors.journal.audit(who, "company.renamed", tenant.id, {"from": before.name, "to": tenant.name})
    return await get_company(doors, who)


async def get_guard(doors: Doors, who: Who) -> Response:  # noqa: ARG001  (who may is asked all the same)
    """Which words are listed, by category, and how much visitors may write."""
    return answer(views.GuardView(words=dict(doors.guard.listed), **msgspec.structs.asdict(doors.guard.options)))


async def try_guard(form: forms.TryText, doors: Doors, who: Who) -> Response:
    """What the guard would say to a visitor's text; nothing is kept of it."""
    verdict = doors.guard.judge(who.tenant_id, form.text)
    screen = doors.guard.open_screen(who.tenant_id)
    said = screen.feed(form.text) + screen.close()
    return answer(views.JudgedView(said=said, **msgspec.structs.asdict(verdict)))


async def get_guard_words(doors: Doors, who: Who) -> Response:
    """The words that the company lists for itself, beside those that hold for all."""
    return answer(_guard_words(await _own_lists(doors).get(who.tenant_id)))


async def put_guard_words(form: forms.PutGuardWords, doors: Doors, who: Who) -> Response:
    """List these instead. Holds for the next message, on other nodes within two seconds.

    409 when somebody else changed them since `version`.
    """
    words = OwnWords(
        blocked=tuple(one.strip() for one in form.blocked),
        replaced=tuple(Replacement(word=one.word.strip(), by=one.by) for one in form.replaced),
        version=form.version,
    )
    stored = await _own_lists(doors).put(who.tenant_id, words)
    counts = {"blocked": len(stored.blocked), "replaced": len(stored.replaced)}
    await doors.journal.audit(who, "guard_words.put", who.tenant_id, counts)
    return answer(_guard_words(stored))


async def try_a_tool(name: RouteName, form: forms.TryTool, doors: Doors, who: Who) -> Response:
    """Call a tool that only reads, and see what an engine would be told."""
    if doors.grants is None:
        raise Unavailable("This node has no tools.")
    tool = doors.grants.all_for(who.tenant_id).get(name)
    if tool is None:
        raise NotFound("There is no such tool.")
    if form.conversation_id:
        await doors.conversations.access(who, form.conversation_id)
    place = Place(tenant_id=who.tenant_id, conversation_id=form.conversation_id)
    tried = await try_tool(tool, place, form.arguments, doors.clock)
    return answer(views.ToolTried(**msgspec.structs.asdict(tried)))


async def list_attempts(turn_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Which engines were asked in a turn, how each try ended, and what it cost; none when no engine was asked."""
    if await doors.journal.find_turn(who.tenant_id, turn_id) is None:
        raise NotFound("There is no turn of that id.")
    found = [] if doors.accounts is None else await doors.accounts.of_turn(who.tenant_id, turn_id)
    return answer(views.EngineAttempts([views.attempt(one) for one in found]))


DocumentName = Annotated[
    str,
    Query(
        pattern=forms.DOCUMENT_NAME,
        description="With its ending, by which it is read. A document of the same name is replaced by this one.",
    ),
]


@roomy
async def import_file(request: Request, name: DocumentName, doors: Doors, who: Who) -> Response:
    """Serve what one document says, in a new version; its bytes are the body, up to `MIAOHUI_DOCUMENT_BYTES`."""
    content = await request.body()
    if not content:
        raise Invalid("The document is empty.", errors=[FieldError("$", "its bytes")])
    return await _learn(doors, who, [Upload(name=name, content=content)])


async def import_files(form: forms.ImportFiles, doors: Doors, who: Who) -> Response:
    """Serve what these documents say, in one new version. A file of a known name takes the place of that one.

    Up to 700 KB in all; `/v1/knowledge/imports/file` takes larger ones, one by one.
    """
    return await _learn(
        doors, who, [Upload(name=file.name, content=base64.b64decode(file.data)) for file in form.files]
    )


async def _learn(doors: Services, who: Principal, files: Sequence[Upload]) -> Response:
    read = await asyncio.to_thread(read_uploads, files)
    report = await doors.knowledge.import_drafts(who.tenant_id, read, all_of_them=False)
    await doors.journal.audit(who, "knowledge.imported", str(report.version), {"files": len(files)})
    return answer(views.imported(report))


def _own_lists(doors: Services) -> OwnLists:
    if doors.guard.own is None:
        raise Unavailable("This node keeps no words of companies.")
    return doors.guard.own


def _guard_words(words: OwnWords) -> views.GuardWordsView:
    replaced = [views.ReplacementView(word=one.word, by=one.by) for one in words.replaced]
    return views.GuardWordsView(blocked=list(words.blocked), replaced=replaced, version=words.version)


def _changed(known: Inbox, form: forms.ChangeInbox) -> Inbox:
    wanted = form.assistant
    assistant = known.assistant
    if wanted is not None:
        assistant = Assistant(
            name=wanted.name.strip(),
            persona=wanted.persona,
            tone=wanted.tone,
            emoji=wanted.emoji,
            pace=wanted.pace,
            greeting={locale: text for locale, text in wanted.greeting.items() if text.strip()},
            quick_questions={locale: tuple(asked) for locale, asked in wanted.quick_questions.items() if asked},
        )
    origins = known.allowed_origins if form.allowed_origins is None else tuple(dict.fromkeys(form.allowed_origins))
    return msgspec.structs.replace(
        known,
        name=form.name or known.name,
        locale=form.locale or known.locale,
        allowed_origins=origins,
        assistant=assistant,
        pictures=known.pictures if form.pictures is None else form.pictures,
        files=known.files if form.files is None else form.files,
        pages=known.pages if form.pages is None else form.pages,
    )
