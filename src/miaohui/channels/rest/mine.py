"""What an agent keeps of their own: how they like their desk, and their password."""

from __future__ import annotations

import msgspec
from fastapi import Response

from miaohui.channels.rest import desk_schemas, office_schemas
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.channels.rest.line import PERSON, Line
from miaohui.desk.preferences import Preferences, SavedView


async def get_preferences(doors: Doors, who: Who) -> Response:
    """How I like my desk, wherever I sign in."""
    return answer(await doors.desk.habits.get(who.tenant_id, who.id))


async def change_preferences(form: desk_schemas.ChangePreferences, doors: Doors, who: Who) -> Response:
    """Another way; what is not named stays as it is."""
    chosen = form.model_dump(exclude_none=True)
    for name in ("sounds", "notices"):
        if name in chosen:
            chosen[name] = tuple(dict.fromkeys(chosen[name]))
    if "views" in chosen:
        chosen["views"] = tuple(msgspec.convert(one, SavedView) for one in chosen["views"])
    return answer(await doors.desk.habits.change(who.tenant_id, who.id, **chosen))


async def set_my_password(form: office_schemas.SetOwnPassword, doors: Doors, who: Who) -> Response:
    """A new password for me; every login of mine ends, this one too."""
    known = await doors.identity.get_person(who.tenant_id, who.id)
    await doors.identity.check_own_password(who.tenant_id, who.id, form.current)
    await doors.identity.set_password(who.tenant_id, who.id, form.password)
    await doors.journal.audit(who, "person.password_set", who.id, {"name": known.name})
    return Response(status_code=204)


MINE_ROUTES: tuple[Line, ...] = (
    Line("GET", "/v1/me/preferences", PERSON, get_preferences, Preferences, "desk"),
    Line("PATCH", "/v1/me/preferences", PERSON, change_preferences, Preferences, "desk"),
    Line("POST", "/v1/me/password", PERSON, set_my_password, None, "login", 204, errors=(409, 429)),
)
