"""What may be refused at the desk.

Conflict
  x AlreadyClaimed     already_claimed     another agent was faster; the detail says who
  x AgentFull          agent_full          the agent serves as many as they can
  x AgentAway          agent_away          the agent to whom it should go is offline
  x NameTaken          name_taken          a team or a canned reply has that name
  x TranslationOff     translation_off     the company, or the installation, does not translate
Unavailable
  x NoInterpreter      no_interpreter      no model is set up that could translate
  x NotTranslated      not_translated      models failed or were too slow; the code says which
"""

from __future__ import annotations

from miaohui.kit.errors import Conflict, Unavailable


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


class TranslationOff(Conflict):
    """Nothing is translated here."""

    code = "translation_off"
    title = "Translation is turned off"


class NoInterpreter(Unavailable):
    """Only the built-in engine is there, and it quotes: it cannot translate."""

    code = "no_interpreter"
    title = "No model can translate"
    retryable = False


class NotTranslated(Unavailable):
    """Nothing was stored; trying again helps."""

    code = "not_translated"
    title = "It could not be translated"
