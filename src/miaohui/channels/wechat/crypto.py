"""Signatures and the cipher of WeChat's callbacks.

https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/Technical_Plan.html :
SHA-1 over the sorted parts; AES-256-CBC with the first half of the key as IV; PKCS#7 to blocks of 32; inside, 16 random
bytes, the length in network order, the message, the receiver's app id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from miaohui.kit.errors import Forbidden

_BLOCK = 32
_HEAD = 20
"""Random bytes and the length."""


class NotGenuine(Forbidden):
    """Not signed or not locked by WeChat for this account; nobody is told which."""

    code = "not_genuine"

    def __init__(self) -> None:
        super().__init__("This is not a genuine call.")


def sign(token: str, *parts: str) -> str:
    """Hexadecimal signature over token, time, nonce and, when there is one, the encrypted body."""
    return hashlib.sha1("".join(sorted((token, *parts))).encode(), usedforsecurity=False).hexdigest()


def check_signature(given: str, token: str, *parts: str) -> None:
    """Raises `NotGenuine`."""
    if not token or not hmac.compare_digest(sign(token, *parts).encode(), given.encode()):
        raise NotGenuine


def read_key(text: str) -> bytes:
    """The 32 bytes behind the 43 characters that WeChat's console shows. Raises `ValueError`."""
    if len(text) != 43 or not text.isascii() or not text.isalnum():
        raise ValueError("an EncodingAESKey is 43 letters and digits")
    return base64.b64decode(text + "=")


def lock(message: bytes, *, key: str, receiver: str, salt: bytes) -> str:
    """Encrypt for `receiver`; `salt` is 16 random bytes."""
    aes = read_key(key)
    plain = salt + len(message).to_bytes(4, "big") + message + receiver.encode()
    padding = _BLOCK - len(plain) % _BLOCK
    encryptor = Cipher(algorithms.AES(aes), modes.CBC(aes[:16])).encryptor()
    locked = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(locked).decode()


def unlock(text: str, *, key: str, receiver: str) -> bytes:
    """Decrypt what was encrypted for `receiver`. Raises `NotGenuine`, whatever is wrong with it."""
    aes = read_key(key)
    try:
        locked = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise NotGenuine from None
    if not locked or len(locked) % _BLOCK:
        raise NotGenuine
    decryptor = Cipher(algorithms.AES(aes), modes.CBC(aes[:16])).decryptor()
    plain = decryptor.update(locked) + decryptor.finalize()
    padding = plain[-1]
    length = int.from_bytes(plain[16:_HEAD], "big")
    inside = plain[_HEAD : len(plain) - padding]
    # All of it is looked at before anything is said, so that nobody learns which part was wrong.
    genuine = (
        1 <= padding <= _BLOCK,
        plain.endswith(bytes([padding]) * min(padding, _BLOCK)),
        length <= len(inside),
        hmac.compare_digest(inside[length:], receiver.encode()),
    )
    if not all(genuine):
        raise NotGenuine
    return inside[:length]
