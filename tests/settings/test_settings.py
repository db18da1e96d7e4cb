from __future__ import annotations

from pathlib import Path

import pytest

from miaohui.kit.errors import Invalid
from miaohui.settings.service import load, secret_of
from miaohui.settings.types import GROUPS, Settings


def test_without_anything_given_the_defaults_hold() -> None:
    settings = load()
    assert settings.port == 8000
    assert settings.records_url == "sqlite:///data/miaohui.db"


def test_the_environment_wins_over_the_file_and_an_override_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "miaohui.toml"
    file.write_text("port = 1\nmemory_turns = 20\nhost = '0.0.0.0'\n")
    monkeypatch.setenv("MIAOHUI_CONFIG", str(file))
    monkeypatch.setenv("MIAOHUI_PORT", "2")
    monkeypatch.setenv("MIAOHUI_HOST", "::1")
    settings = load(host="127.0.0.9")
    assert (settings.port, settings.memory_turns, settings.host) == (2, 20, "127.0.0.9")


@pytest.mark.parametrize(("name", "value"), [("port", "70000"), ("memory_turns", "2"), ("memory_turns", "51")])
def test_a_value_out_of_bounds_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"MIAOHUI_{name.upper()}", value)
    with pytest.raises(Invalid) as caught:
        load()
    assert caught.value.errors[0].field == name


def test_an_unknown_setting_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "miaohui.toml"
    file.write_text("prot = 1\n")
    monkeypatch.setenv("MIAOHUI_CONFIG", str(file))
    with pytest.raises(Invalid, match="prot"):
        load()


def test_every_setting_stands_in_one_group() -> None:
    grouped = [name for group in GROUPS for name in group.model_fields]
    assert sorted(grouped) == sorted(Settings.model_fields)
    assert len(grouped) == len(set(grouped))


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = load(data=tmp_path / "new")
    secret = secret_of(settings)
    assert len(secret) >= 32
    assert secret_of(settings) == secret
    assert (tmp_path / "new" / "secret").stat().st_mode & 0o777 == 0o600
    assert secret_of(load(data=tmp_path / "other")) != secret


@pytest.mark.parametrize("secret", ["tiny-one", "golivechat" * 4, "0" * 40, "changeme" * 5])
def test_a_short_or_known_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(Invalid) as caught:
        secret_of(load(secret=secret))
    assert secret not in str(caught.value)


def test_a_good_secret_of_ones_own_is_taken() -> None:
    assert secret_of(load(secret="k8Jw2!mLq9Zx7Vb4Nc6Rt5Yp3Gh1Fd0S")) == b"k8Jw2!mLq9Zx7Vb4Nc6Rt5Yp3Gh1Fd0S"


def test_the_key_of_the_engine_does_not_show() -> None:
    assert "sk-live" not in repr(load(engine_key="sk-live-1"))


def test_a_named_file_must_be_there_and_be_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "miaohui.toml"
    monkeypatch.setenv("MIAOHUI_CONFIG", str(file))
    with pytest.raises(Invalid, match="no such file"):
        load()
    file.write_text("port is 8000")
    with pytest.raises(Invalid, match="not TOML"):
        load()
