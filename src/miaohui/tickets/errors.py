"""What may be refused about tickets.

Conflict
  x TicketChanged      ticket_changed      somebody else changed it meanwhile
"""

from __future__ import annotations

from miaohui.kit.errors import Conflict


class TicketChanged(Conflict):
    """Two changed the same ticket at once: this change was not made."""

    code = "ticket_changed"
    title = "The ticket was changed meanwhile"
