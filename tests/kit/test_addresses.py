from __future__ import annotations

import pytest

from miaohui.kit.addresses import check_url, is_public
from miaohui.kit.errors import Invalid


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "http://localhost/",
        "http://a.localhost/",
        "http://10.1.2.3/",
        "http://192.168.1.1:8080/x",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fd00::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[64:ff9b::7f00:1]/",
        "http://0.0.0.0/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://224.0.0.1/",
        "http://017700000001/",
        "http://0x7f000001/",
        "http://localhost./",
        "http://a.localhost./",
        "http://10.0.0.1./",
        "http://[::]/",
        "http://[2002:7f00:1::]/",
    ],
)
def test_an_address_inside_is_refused_unless_allowed(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url, allow_private=False)
    check_url(url, allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://１２７.0.0.1/",
        "gopher://example.com/",
        "unix:///run/x.sock",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://",
        "https://u:p@example.com/",
        "https://u@example.com/",
        "https://example.com/\r\nX: y",
        "https://example.com\\@10.0.0.1/",
        "https://例子.com/",
        "https://example.com:99999/",
        "https://" + "a" * 3000 + ".com/",
    ],
)
def test_what_is_no_proper_address_is_refused_always(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url, allow_private=True)


@pytest.mark.parametrize("url", ["https://example.com/hook?x=1", "http://8.8.8.8:9000/", "https://[2606:4700::1111]/"])
def test_an_address_outside_is_accepted(url: str) -> None:
    check_url(url, allow_private=False)


def test_what_a_name_resolves_to_is_judged_by_the_same_rule() -> None:
    assert is_public("93.184.216.34")
    assert not is_public("10.0.0.1")
    assert not is_public("fe80::1%eth0")
