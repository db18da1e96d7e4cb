"""`miaohui eval` on data of our own, in the form of the public sets."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from miaohui.cli.evaluate import evaluate, measure_compression, measure_history, read_passages
from miaohui.cli.evaluate_data import read_conversations

FILLER = "这里还有一些与此无关的介绍文字。"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    paragraphs = [
        {
            "context": f"{topic}的运费由卖家{payer}承担。" + FILLER * 40,
            "qas": [{"question": f"{topic}的运费由谁承担？", "answers": [{"text": payer}, {"text": "无人"}]}],
        }
        for topic, payer in (("退货", "甲方"), ("换货", "乙方"), ("维修", "丙方"))
    ]
    passages = {"data": [{"paragraphs": [paragraph]} for paragraph in paragraphs]}
    (tmp_path / "cmrc2018").mkdir()
    with gzip.open(tmp_path / "cmrc2018" / "cmrc2018_dev.json.gz", "wt", encoding="utf-8") as out:
        json.dump(passages, out)
    _put_conversation(tmp_path, "我想找一家人均100元的餐馆，谢谢", [["Inform", "餐馆", "人均消费", "100元"]])
    return tmp_path


def _put_conversation(folder: Path, said: str, acts: list[list[str]]) -> None:
    messages: list[dict[str, Any]] = [
        {"role": "usr", "content": said, "dialog_act": acts},
        {"role": "sys", "content": "为您推荐喵喵餐厅。" * 4, "dialog_act": []},
    ]
    (folder / "crosswoz").mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "crosswoz" / "val.json.zip", "w") as archive:
        archive.writestr("val.json", json.dumps({"1": {"messages": messages}}))


def test_passages_are_joined_and_keep_their_questions(data: Path) -> None:
    cases = read_passages(data / "cmrc2018" / "cmrc2018_dev.json.gz")
    assert [len(case.questions) for case in cases] == [2, 1]
    assert cases[0].questions[0] == ("退货的运费由谁承担？", ("甲方", "无人"))


def test_an_answer_survives_when_it_stands_in_what_is_left(data: Path) -> None:
    cases = read_passages(data / "cmrc2018" / "cmrc2018_dev.json.gz")
    figure = measure_compression(cases, 0.4, 0.95, asked=True)
    assert (figure.cases, figure.survived, figure.share) == (3, 3, 1.0)
    assert figure.kept <= 0.4
    wrong = [case._replace(questions=(("退货的运费由谁承担？", ("没有的话",)),)) for case in cases]
    assert measure_compression(wrong, 0.4, 0.95, asked=True).survived == 0


def test_only_what_the_visitor_said_can_survive(data: Path) -> None:
    figure = measure_history(read_conversations(data / "crosswoz" / "val.json.zip"), 0.5, 0.99)
    assert (figure.cases, figure.survived) == (1, 1)
    _put_conversation(data, "推荐一家餐馆", [["Inform", "餐馆", "名称", "喵喵餐厅"]])
    assert measure_history(read_conversations(data / "crosswoz" / "val.json.zip"), 0.5, 0.99).cases == 0


@pytest.mark.parametrize(("command", "lines"), [("compression", 3), ("history", 3)])
def test_the_command_prints_a_table_and_is_content(data: Path, command: str, lines: int) -> None:
    done = CliRunner().invoke(evaluate, [command, str(data), "--json"])
    rows = json.loads(done.stdout)
    assert len(rows) == lines
    assert rows[0]["survive"] == "1.0000"


def test_a_figure_that_is_not_reached_is_a_failure(data: Path) -> None:
    _put_conversation(data, "你好" * 60, [["Inform", "餐馆", "名称", "你好你好"]])
    done = CliRunner().invoke(evaluate, ["history", str(data), "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)[0]["survive"] == "0.0000"


def test_a_folder_without_the_set_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(evaluate, ["compression", str(tmp_path)])
    assert done.exit_code == 1
    assert "give the folder that holds cmrc2018/" in done.output
