"""What may be refused here.

Conflict
  x CmidConflict       cmid_conflict     the same client message id came with another text
  x NotYours           not_yours         somebody else owns the conversation now
Forbidden
  x Blocked            contact_blocked   the company takes no more messages of this contact
"""

from __future__ import annotations

from miaohui.kit.errors import Conflict, Forbidden


class CmidConflict(Conflict):
    """The same client message id with another body: nothing was stored."""

    code = "cmid_conflict"
    title = "This client message id was used for another message"


class NotYours(Conflict):
    """The conversation changed hands, or is not in a state for this."""

    code = "not_yours"
    title = "The conversation is not in a state for this"


class Blocked(Forbidden):
    """The company has blocked this contact: nothing was stored."""

    code = "contact_blocked"
    title = "Messages of this contact are not taken"
