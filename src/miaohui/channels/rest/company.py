"""Prices that are counted by, systems that are asked, tools that agents use too, and answers that were put right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import Path, Response

from miaohui.channels.rest import company_schemas as forms
from miaohui.channels.rest import knowledge_views, schemas
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.kit.errors import FieldError, Invalid, NotFound, Unavailable
from miaohui.knowledge.editing.types import Content
from miaohui.knowledge.rehearsal import Point
from miaohui.tools.connectors.types import Connector
from miaohui.tools.prices.types import PriceList

if TYPE_CHECKING:
    from miaohui.channels.services import Services
    from miaohui.tools.connectors.service import Connectors
    from miaohui.tools.prices.service import PriceLists

ConnectorName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
ToolName = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_TITLE = 200


class PriceTold(msgspec.Struct, frozen=True):
    """A sum with its steps, in words; empty when the question does not say enough."""

    text: str


class ConnectorList(msgspec.Struct, frozen=True):
    """Without secrets."""

    data: list[Connector]


class ToolDone(msgspec.Struct, frozen=True):
    """How a tool ended, and what it said."""

    outcome: str
    """`done`, `refused`, `timeout`, `failed`, `invalid`."""
    result: str
    """JSON."""


class AgentTool(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an agent may do for a conversation."""

    name: str
    description: str
    risk: str
    """`read`, `low_impact_write`, or `approval_required`, which the agent's doing it is."""
    parameters: dict[str, Any]
    """JSON Schema of an object."""


class AgentToolList(msgspec.Struct, frozen=True):
    """Reads first."""

    data: list[AgentTool]


class CertaintyView(msgspec.Struct, frozen=True):
    """What each threshold would cost, found out with the company's own articles."""

    threshold: float
    """The one that holds."""
    data: list[Point]


async def get_prices(doors: Doors, who: Who) -> Response:
    """All that the calculator knows; an empty list for a company without prices."""
    return answer(_prices(doors).find(who.tenant_id) or PriceList())


async def put_prices(form: forms.PriceListForm, doors: Doors, who: Who) -> Response:
    """Count by this from now on. Amounts are in minor units, such as fen."""
    try:
        prices = msgspec.convert(form.model_dump(), PriceList)
    except msgspec.ValidationError as error:
        raise Invalid("Nothing can be counted by this.", errors=[FieldError("$", str(error))]) from None
    told = await _prices(doors).put(who.tenant_id, prices)
    await doors.journal.audit(who, "prices.put", who.tenant_id, {"offers": len(told.offers)})
    return answer(told)


async def ask_price(form: forms.AskPrice, doors: Doors, who: Who) -> Response:
    """Work out what a question asks the price of, as a visitor would be told."""
    return answer(PriceTold(_prices(doors).answer(who.tenant_id, form.question, form.locale)))


async def list_connectors(doors: Doors, who: Who) -> Response:
    """Ways into the company's systems that are in use."""
    return answer(ConnectorList(_connectors(doors).list_(who.tenant_id)))


async def put_connector(name: ConnectorName, form: forms.ConnectorForm, doors: Doors, who: Who) -> Response:
    """A way into one system, over HTTP. Its operations are tools from now on.

    A personal operation is asked only for a visitor whose identity was verified, and `owner_field` says whose a thing
    is: what belongs to anybody else is never told. Databases are connected on the server.
    """
    told = form.model_dump(exclude={"secret"}) | {"name": name, "kind": "http"}
    try:
        connector = msgspec.convert(told, Connector)
    except msgspec.ValidationError as error:
        raise Invalid("This connector cannot be used.", errors=[FieldError("$", str(error))]) from None
    await _connectors(doors).put(who.tenant_id, connector, form.secret)
    await doors.journal.audit(who, "connector.put", name, {"operations": [one.name for one in connector.operations]})
    return answer(connector)


async def delete_connector(name: ConnectorName, doors: Doors, who: Who) -> Response:
    """The system is asked no more, and its secret is gone."""
    await _connectors(doors).remove(who.tenant_id, name)
    await doors.journal.audit(who, "connector.removed", name, {})
    return Response(status_code=204)


async def list_tools(conversation_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """What an agent may use for this conversation: reads first, then what changes something."""
    await doors.conversations.access(who, conversation_id)
    if doors.grants is None:
        return answer(AgentToolList([]))
    tools = [tool for tool in doors.grants.all_for(who.tenant_id).values() if not tool.calls_human]
    shown = [
        AgentTool(name=tool.name, description=tool.description, risk=tool.risk, parameters=dict(tool.parameters))
        for tool in sorted(tools, key=lambda tool: (tool.risk != "read", tool.name))
    ]
    return answer(AgentToolList(shown))


async def run_tool(
    conversation_id: schemas.Id, name: ToolName, form: forms.RunTool, doors: Doors, who: Who
) -> Response:
    """Use a tool for this conversation, as the assistant would; also one that only a person may use.

    Whose things are told goes by the visitor's verified identity, for agents too.
    """
    conversation = await doors.conversations.access(who, conversation_id)
    if doors.grants is None:
        raise Unavailable("This node has no tools.")
    tool = doors.grants.all_for(who.tenant_id).get(name)
    if tool is None or tool.calls_human:
        raise NotFound("There is no such tool for agents.")
    outcome, result = await doors.grants.run_for(tool, conversation, form.arguments)
    await doors.journal.audit(who, "tool.run", conversation.id, {"tool": name, "outcome": outcome})
    return answer(ToolDone(outcome, result))


async def correct_message(message_id: schemas.Id, form: forms.Correct, doors: Doors, who: Who) -> Response:
    """An answer that should have been another one becomes a proposed article, its question a sample of it."""
    message = await doors.conversations.find_message(who.tenant_id, message_id)
    if message is None or message.sender != "assistant" or not message.turn_id:
        raise NotFound("There is no such answer of the assistant.")
    conversation = await doors.conversations.access(who, message.conversation_id)
    before = await doors.conversations.messages_after(conversation, max(0, message.seq - 10), 10)
    asked = [one.text for one in before if one.sender == "visitor" and one.seq < message.seq]
    question = asked[-1][:_TITLE].strip() if asked else ""
    content = Content(
        title=form.title.strip() or question or "?",
        text=form.text,
        locale="zh-CN" if any(char >= "\u3400" for char in form.text) else "en",
        questions=(question,) if question else (),
    )
    return answer(knowledge_views.draft(await doors.knowledge.editor.save(who.tenant_id, who.key, content)), 201)


async def get_certainty(doors: Doors, who: Who) -> Response:
    """What each threshold of answerability would cost: right answers kept back, and questions answered wrongly."""
    threshold, points = await doors.knowledge.picture(who.tenant_id)
    return answer(CertaintyView(threshold, points))


def _prices(doors: Services) -> PriceLists:
    if doors.prices is None:
        raise Unavailable("This node counts nothing.")
    return doors.prices


def _connectors(doors: Services) -> Connectors:
    if doors.connectors is None:
        raise Unavailable("This node has no connectors.")
    return doors.connectors
