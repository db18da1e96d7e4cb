"""Who works for a company, and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Response

from miaohui.channels.rest import office_schemas as forms
from miaohui.channels.rest import office_views as views
from miaohui.channels.rest import schemas
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.kit.errors import Conflict, Forbidden

if TYPE_CHECKING:
    from miaohui.identity.types import Principal


async def list_people(doors: Doors, who: Who) -> Response:
    """Everybody who may sign in, or once could."""
    return answer(views.PersonList([views.person(one) for one in await doors.identity.list_people(who.tenant_id)]))


async def add_person(form: forms.AddPerson, doors: Doors, who: Who) -> Response:
    """Somebody new. Only an owner makes another owner."""
    _check_owner(who, form.role)
    made = await doors.identity.create_person(form.email, form.name, form.password, who.tenant_id, form.role)
    await doors.journal.audit(who, "person.created", made.id, {"name": made.name, "role": made.role})
    return answer(views.person(made), 201)


async def change_person(person_id: schemas.Id, form: forms.ChangePerson, doors: Doors, who: Who) -> Response:
    """Another role, or no more signing in: every login ends. Nobody does this to themselves."""
    known = await doors.identity.get_person(who.tenant_id, person_id)
    _check_other(who, person_id)
    _check_owner(who, known.role, form.role or known.role)
    if form.role is not None and form.role != known.role:
        await doors.identity.set_role(who.tenant_id, person_id, form.role)
        await doors.journal.audit(who, "person.role_changed", person_id, {"name": known.name, "role": form.role})
    if form.active is not None and form.active != known.active:
        change = doors.identity.activate if form.active else doors.identity.deactivate
        await change(who.tenant_id, person_id)
        act = "person.activated" if form.active else "person.deactivated"
        await doors.journal.audit(who, act, person_id, {"name": known.name})
    return answer(views.person(await doors.identity.get_person(who.tenant_id, person_id)))


async def set_password(person_id: schemas.Id, form: forms.SetPassword, doors: Doors, who: Who) -> Response:
    """A new password for somebody who lost theirs, or for oneself; every login of that person ends."""
    known = await doors.identity.get_person(who.tenant_id, person_id)
    if who.id == person_id:
        await doors.identity.check_own_password(who.tenant_id, person_id, form.current)
    else:
        _check_owner(who, known.role)
    await doors.identity.set_password(who.tenant_id, person_id, form.password)
    await doors.journal.audit(who, "person.password_set", person_id, {"name": known.name})
    return Response(status_code=204)


def _check_owner(who: Principal, *roles: str) -> None:
    if "owner" in roles and who.role != "owner":
        raise Forbidden("Only an owner may do this with an owner.", code="owners_only")


def _check_other(who: Principal, person_id: str) -> None:
    if who.id == person_id:
        raise Conflict("Somebody else must do this with you.", code="yourself")
