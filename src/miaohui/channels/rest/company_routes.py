"""The routes of prices, connectors, and what agents do with answers and tools, in one list."""

from __future__ import annotations

from miaohui.channels.policy import check_proposes, needs
from miaohui.channels.rest import company, knowledge_views
from miaohui.channels.rest.line import ADMIN, INSIDE, SERVING, Line
from miaohui.tools.connectors.types import Connector
from miaohui.tools.prices.types import PriceList

_CONNECTOR = "/v1/admin/connectors/{name}"

COMPANY_ROUTES: tuple[Line, ...] = (
    Line("GET", "/v1/prices", needs("knowledge:read"), company.get_prices, PriceList, "company"),
    Line("PUT", "/v1/prices", needs("knowledge:write"), company.put_prices, PriceList, "company"),
    Line("POST", "/v1/prices/ask", INSIDE, company.ask_price, company.PriceTold, "company"),
    Line("GET", "/v1/admin/connectors", ADMIN, company.list_connectors, company.ConnectorList, "company"),
    Line("PUT", _CONNECTOR, ADMIN, company.put_connector, Connector, "company"),
    Line("DELETE", _CONNECTOR, ADMIN, company.delete_connector, None, "company", 204),
    Line(
        "GET",
        "/v1/conversations/{conversation_id}/tools",
        SERVING,
        company.list_tools,
        company.AgentToolList,
        "company",
    ),
    Line(
        "POST",
        "/v1/conversations/{conversation_id}/tools/{name}",
        SERVING,
        company.run_tool,
        company.ToolDone,
        "company",
    ),
    Line(
        "POST",
        "/v1/messages/{message_id}/correction",
        check_proposes,
        company.correct_message,
        knowledge_views.DraftView,
        "knowledge",
        201,
    ),
    Line(
        "GET",
        "/v1/knowledge/certainty",
        needs("knowledge:read"),
        company.get_certainty,
        company.CertaintyView,
        "knowledge",
    ),
)
