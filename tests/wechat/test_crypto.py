from __future__ import annotations

import base64
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from miaohui.channels.wechat.crypto import NotGenuine, check_signature, lock, read_key, sign, unlock

wechatpy = pytest.importorskip("wechatpy.crypto", reason="the oracle is a test dependency")
KEY = base64.b64encode(bytes(range(32))).decode()[:43].replace("+", "A").replace("/", "B")
APP = "wx1234567890abcdef"
TOKEN = "atoken"


def raw_lock(plain: bytes) -> str:
    """Encrypted as it is, without any care for its form."""
    aes = read_key(KEY)
    encryptor = Cipher(algorithms.AES(aes), modes.CBC(aes[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def framed(message: bytes, *, receiver: bytes = APP.encode(), length: int | None = None) -> bytes:
    size = len(message) if length is None else length
    return bytes(16) + size.to_bytes(4, "big") + message + receiver


def padded(plain: bytes, padding: int | None = None) -> bytes:
    count = 32 - len(plain) % 32
    return plain + bytes([count if padding is None else padding]) * count


def oracle() -> Any:
    return wechatpy.PrpCrypto(base64.b64decode(KEY + "="))


def test_both_ciphers_read_each_other_at_every_length() -> None:
    theirs = oracle()
    for length in range(4097):
        words = (b"0123456789abcdef" * 257)[:length]
        assert unlock(theirs.encrypt(words.decode(), APP).decode(), key=KEY, receiver=APP) == words
        assert theirs.decrypt(lock(words, key=KEY, receiver=APP, salt=os.urandom(16)), APP) == words.decode()


def test_both_ciphers_read_each_other_in_chinese() -> None:
    words = "您好,我想退货😀"
    assert unlock(oracle().encrypt(words, APP).decode(), key=KEY, receiver=APP).decode() == words
    assert oracle().decrypt(lock(words.encode(), key=KEY, receiver=APP, salt=bytes(16)), APP) == words


def test_signatures_agree_with_the_oracles() -> None:
    theirs = wechatpy._get_signature(TOKEN, "1700000000", "nonce", "locked")
    assert sign(TOKEN, "1700000000", "nonce", "locked") == theirs
    check_signature(theirs, TOKEN, "1700000000", "nonce", "locked")


@pytest.mark.parametrize(
    "given", ["", "x", "ü" * 40, sign(TOKEN, "1700000001", "nonce"), sign("", "1700000000", "nonce")]
)
def test_another_signature_does_not_hold(given: str) -> None:
    with pytest.raises(NotGenuine):
        check_signature(given, TOKEN, "1700000000", "nonce")


def test_without_a_token_no_signature_holds() -> None:
    with pytest.raises(NotGenuine):
        check_signature(sign("", "1", "n"), "", "1", "n")


@pytest.mark.parametrize(
    "locked",
    [
        raw_lock(padded(framed(b"words"), 0)),
        raw_lock(padded(framed(b"words"), 33)),
        raw_lock(padded(framed(b"words"), 255)),
        raw_lock(padded(framed(b"words"))[:-1] + b"\x07"),
        raw_lock(padded(framed(b"words", receiver=b"wxother"))),
        raw_lock(padded(framed(b"words", length=2**32 - 1))),
        raw_lock(padded(framed(b"words", length=6))),
        raw_lock(padded(framed(b"words", length=4))),
        raw_lock(bytes([32]) * 32),
        base64.b64encode(bytes(16)).decode(),
        base64.b64encode(bytes(33)).decode(),
        lock(b"words", key=KEY, receiver=APP, salt=bytes(16))[:-4],
        "",
        "not base 64 !",
        "五",
    ],
)
def test_what_is_wrong_inside_makes_no_difference_outside(locked: str) -> None:
    with pytest.raises(NotGenuine) as caught:
        unlock(locked, key=KEY, receiver=APP)
    assert str(caught.value) == "This is not a genuine call."


def test_another_key_does_not_open_it() -> None:
    other = "B" + KEY[1:]
    with pytest.raises(NotGenuine):
        unlock(lock(b"words", key=other, receiver=APP, salt=bytes(16)), key=KEY, receiver=APP)


@pytest.mark.parametrize("text", ["", KEY[:-1], KEY + "A", KEY[:-1] + "-", "五" * 43])
def test_a_key_has_its_form(text: str) -> None:
    with pytest.raises(ValueError, match="43"):
        read_key(text)
