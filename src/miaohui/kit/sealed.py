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

    def __init__(self, secret: bytes, purpose: str = "channels", before: bytes = b"") -> None:
        """`before` opens what was sealed while it was the secret."""
        info = f"miaohui {purpose}".encode()
        self._ciphers = [
            AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(one))
            for one in ((secret, before) if before else (secret,))
        ]

    def seal(self, plain: bytes, place: str) -> str:
        """Text for a column."""
        nonce = os.urandom(_NONCE)
        return _MARK + base64.urlsafe_b64encode(nonce + self._ciphers[0].encrypt(nonce, plain, place.encode())).decode()

    def open(self, sealed: str, place: str) -> bytes:
        """What was sealed. Raises `Unavailable` when it was sealed elsewhere or under another secret."""
        for cipher in self._ciphers:
            try:
                raw = base64.urlsafe_b64decode(sealed.removeprefix(_MARK))
                return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], place.encode())
            except (InvalidTag, ValueError, binascii.Error):
                continue
        msg = "Kept secrets were sealed under another `secret`; name that in `secret_before`, or enter them again."
        raise Unavailable(msg, code="sealed")
