"""The routes about other languages, in one list."""

from __future__ import annotations

from miaohui.channels.rest import translation, translation_views
from miaohui.channels.rest.line import ADMIN, INSIDE, PERSON, Line

_CONVERSATION = "/v1/conversations/{conversation_id}"
_STATE = translation_views.TranslationState
_LIST = translation_views.TranslationList
_RENDERED = translation_views.RenderedView

TRANSLATION_ROUTES: tuple[Line, ...] = (
    Line("GET", "/v1/desk/translation", INSIDE, translation.get_state, _STATE, "desk"),
    Line("POST", "/v1/desk/translation", ADMIN, translation.choose, _STATE, "desk"),
    Line("GET", f"{_CONVERSATION}/translations", INSIDE, translation.list_kept, _LIST, "desk"),
    Line("POST", f"{_CONVERSATION}/translations", PERSON, translation.translate, translation_views.Translated, "desk"),
    Line("POST", f"{_CONVERSATION}/translations/draft", PERSON, translation.render, _RENDERED, "desk"),
)
