"""Other languages: whether, what was translated, what to translate, and what an agent's words would be."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from miaohui.channels.rest import schemas, translation_schemas, translation_views
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.prompts.translate import LANGUAGES


async def get_state(doors: Doors, who: Who) -> Response:
    """Whether agents may have messages translated, why not if not, and into which languages."""
    return await _state(doors, who)


async def choose(form: translation_schemas.ChooseTranslation, doors: Doors, who: Who) -> Response:
    """Turn translation on or off for the company. What was translated stays where it is."""
    await doors.desk.translating.choose(who.tenant_id, enabled=form.enabled)
    await doors.journal.audit(who, "translation.changed", who.tenant_id, {"enabled": form.enabled})
    return await _state(doors, who)


async def list_kept(
    conversation_id: schemas.Id,
    doors: Doors,
    who: Who,
    language: Annotated[translation_schemas.Language, Query()],
) -> Response:
    """What was translated into this language before; no engine is asked."""
    conversation = await doors.conversations.access(who, conversation_id)
    kept = await doors.desk.translating.list_kept(conversation, language)
    return answer(translation_views.TranslationList([translation_views.translation(one) for one in kept]))


async def translate(
    conversation_id: schemas.Id, form: translation_schemas.TranslateMessages, doors: Doors, who: Who
) -> Response:
    """Messages in an agent's language, for agents only. What was translated once costs nothing again.

    One that failed is named in `failed`; when all did, the error says why, and nothing is told to the visitor.
    """
    conversation = await doors.conversations.access(who, conversation_id)
    outcome = await doors.desk.translating.translate(conversation, form.messages, form.language)
    done = [translation_views.translation(one) for one in outcome.done]
    return answer(translation_views.Translated(done, outcome.failed))


async def render(conversation_id: schemas.Id, form: translation_schemas.RenderText, doors: Doors, who: Who) -> Response:
    """What an agent wrote, in the visitor's language: to be read, changed and sent by hand, with `original`."""
    conversation = await doors.conversations.access(who, conversation_id)
    found = await doors.desk.translating.render(conversation, form.text, form.language)
    return answer(translation_views.rendered(form.text, found, form.language))


async def _state(doors: Doors, who: Who) -> Response:
    why = await doors.desk.translating.why_not(who.tenant_id)
    return answer(translation_views.TranslationState(available=not why, why=why, languages=list(LANGUAGES)))
