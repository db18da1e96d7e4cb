"""What may be refused at the desk.

Conflict
  x AlreadyClaimed     already_claimed     another agent was faster; the detail says who
  x AgentFull          agent_full          the agent serves as many as they can
  x AgentAway          agent_away          the agent to whom it should go is offline
  x NameTaken          name_taken          a team or a canned reply has that name
"""

from __future__ import annotations

from miaohui.kit.errors import Conflict


class AlreadyClaimed(Conflict):
    """Another agent has the conversation: nothing changed."""

    code = "already_claimed"
    title = "Somebody else has this conversation"


class AgentFull(Conflict):
    """The agent left, or took others meanwhile."""

    code = "agent_full"
    title = "The agent can take no more conversations"


class NameTaken(Conflict):
    """Two of the same name could not be told apart."""

    code = "name_taken"
    title = "This name is taken"


class AgentAway(Conflict):
    """A conversation is not given to somebody who is not there."""

    code = "agent_away"
    title = "The agent is not there"
