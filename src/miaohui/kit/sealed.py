"""Secrets in the records: AES-GCM under a key drawn from the house's secret, bound to where they stand."""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from miaohui.kit.errors import Unavailable

_MARK = "s1."
_NONCE = 12


class Seal:
    """Seals and opens. What was sealed for one place does not open at another, nor for another purpose."""

    def __init__(self, secret: bytes, purpose: str = "channels") -> None:
        key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"miaohui {purpose}".encode()).derive(secret)
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, place: str) -> str:
        """Text for a column."""
        nonce = os.urandom(_NONCE)
        return _MARK + base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, plain, place.encode())).decode()

    def open(self, sealed: str, place: str) -> bytes:
        """What was sealed. Raises `Unavailable` when it was sealed elsewhere or under another secret."""
        try:
            raw = base64.urlsafe_b64decode(sealed.removeprefix(_MARK))
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], place.encode())
        except (InvalidTag, ValueError, binascii.Error):
            msg = "Kept secrets were sealed under another `secret`; put the old one back, or enter them again."
            raise Unavailable(msg, code="sealed") from None
