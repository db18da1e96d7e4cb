"""What a company's doors say when they are shut.

Forbidden
  x TenantSuspended          403 tenant_suspended     until its operators serve it again; nothing was stored
"""

from __future__ import annotations

from miaohui.kit.errors import Forbidden


class TenantSuspended(Forbidden):
    """The company is suspended, or being deleted."""

    code = "tenant_suspended"
    title = "This company is not served at present"

    def __init__(self) -> None:
        super().__init__("This service is suspended at present; nothing was stored. Its operators can tell you more.")
