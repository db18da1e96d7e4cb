"""What else goes when a conversation goes, or when somebody's words are erased: every room that keeps something of it.

A room that begins to keep a conversation's or a contact's id adds itself here, or says in the test that walks all
tables why its rows stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import miaohui.channels.media.repository as media
import miaohui.channels.repository as channels
import miaohui.desk.leaving as desk
import miaohui.journal.leaving as journal
import miaohui.memory.repository as memory
import miaohui.tickets.leaving as tickets
import miaohui.tools.verifying.repository as checks
import miaohui.webhooks.repository as webhooks

if TYPE_CHECKING:
    from miaohui.conversations.ports import Leaving

GOES_WITH_A_CONVERSATION: tuple[Leaving, ...] = (
    desk.forget_conversation,
    tickets.unlink,
    memory.unlink,
    checks.forget,
    channels.forget_conversation,
    media.forget_conversation,
    webhooks.forget_conversation,
)
"""Beside its messages, turns and pages of the journal: it was kept for long enough."""

GOES_WITH_THE_WORDS: tuple[Leaving, ...] = (
    desk.forget_words,
    journal.forget_turns,
    checks.forget,
    channels.forget_conversation,
    webhooks.forget_conversation,
)
"""A contact was erased; that they were here, and when, is left. Tickets and what is remembered are told by contact."""
