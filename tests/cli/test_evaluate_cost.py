"""`miaohui eval cost` and `economy` on a few conversations of our own, in the form of the public sets."""

from __future__ import annotations

import gzip
import json
import zipfile
from itertools import islice, permutations
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from miaohui.cli.evaluate import evaluate
from miaohui.cli.evaluate_cost import ALONE, WAYS, Bill, Plan, compare, play
from miaohui.cli.evaluate_scene import Scene, measure_repetition, read_scene

THINGS = ("茶壶", "雨伞", "书包", "台灯", "毛毯", "水杯", "钱包", "闹钟")
ASKED = ("怎么退货", "多久能发货", "坏了怎么修", "可以换颜色吗", "能开发票吗", "送到哪里")


def page(thing: str) -> dict[str, object]:
    said = "".join(
        f"## {thing}{asked}\n\n{thing}{asked}：请在订单页找到它，按提示填写。"
        + "".join(f"{thing}的第{n}项说明与此无关，只讲{other}的来历和保养。" for n, other in enumerate(THINGS * 3))
        + "\n\n"
        for asked in ASKED
    )
    return {"path": thing, "title": thing, "text": said, "question_headings": [f"{thing}{asked}？" for asked in ASKED]}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for name in ("crosswoz", "dify_docs", "hint3", "cmrc2018"):
        (folder / name).mkdir()
    told = {
        f"{thing}{n}": {
            "messages": [
                {"role": role, "content": said, "dialog_act": [["Inform", "", "", thing]]}
                for asked in order
                for role, said in (("usr", f"我的{thing}{asked}啊"), ("sys", f"您的{thing}这样办即可。"))
            ]
        }
        for thing in THINGS
        for n, order in enumerate(islice(permutations(ASKED), 0, 600, 35))
    }
    with zipfile.ZipFile(folder / "crosswoz" / "val.json.zip", "w") as archive:
        archive.writestr("val.json", json.dumps(told))
    with gzip.open(folder / "dify_docs" / "dify_zh.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(page(thing)) + "\n" for thing in THINGS)
    (folder / "hint3" / "curekart_test.csv").write_text(
        "sentence,label\nhi,a\nHi ,a\n7021645199,b\n7021645199,b\nno,c\n"
    )
    passages = [
        {
            "context": page(thing)["text"],
            "qas": [{"question": f"{thing}怎么退货", "answers": [{"text": "在订单页找到"}]}],
        }
        for thing in THINGS
    ]
    with gzip.open(folder / "cmrc2018" / "cmrc2018_dev.json.gz", "wt", encoding="utf-8") as out:
        json.dump({"data": [{"paragraphs": passages}]}, out)
    return folder


@pytest.fixture(scope="module")
def scene(data: Path) -> Scene:
    return read_scene(data)


@pytest.fixture(scope="module")
def bills(scene: Scene) -> dict[str, tuple[Bill, float]]:
    return {bill.way: (bill, saved) for bill, saved in compare(scene, Plan(repeated=0.5, minutes=2))}


def test_routing_cache_and_shorter_prompts_together_cost_at_least_35_percent_less(
    bills: dict[str, tuple[Bill, float]],
) -> None:
    saved = {way: share for way, (_, share) in bills.items()}
    assert saved["all together"] >= 0.35
    assert saved["routing, shorter prompts"] >= 0.35
    assert 0 < saved["routing"] < saved["routing, cache"] < saved["all together"]
    assert saved["routing"] < saved["routing, shorter prompts"] < saved["all together"]


def test_at_95_percent_of_the_quotas_nearly_all_are_served_and_nobody_is_throttled(
    bills: dict[str, tuple[Bill, float]],
) -> None:
    for bill, _ in bills.values():
        assert bill.served >= 0.98 * bill.turns
        assert bill.throttled == 0
        assert bill.longest_s < 8


def test_routing_alone_changes_no_prompt_and_a_dearer_table_is_no_saving(
    scene: Scene, bills: dict[str, tuple[Bill, float]]
) -> None:
    assert bills["routing"][0].tokens_in == pytest.approx(bills[ALONE.name][0].tokens_in, rel=0.01)
    same = play(scene, WAYS[0]._replace(routes=("official",)), Plan(repeated=0.5, minutes=2))
    assert same.cost_micro == pytest.approx(bills[ALONE.name][0].cost_micro, rel=0.01)


def test_without_repetition_the_cache_saves_nothing_that_was_not_asked_twice(scene: Scene) -> None:
    different = Scene([[f"{chr(0x4E00 + i)}茶壶怎么退"] for i in range(60)], scene.openings, list(scene.chunks))
    bill = play(different, WAYS[1], Plan(repeated=0.0, minutes=0.05))
    assert bill.openings_again == 0
    assert bill.turns > 5
    plain = play(different, WAYS[0], Plan(repeated=0.0, minutes=0.05))
    assert bill.tokens_in == plain.tokens_in


def test_at_150_percent_nobody_waits_past_the_deadline(scene: Scene) -> None:
    bill = play(scene, WAYS[2], Plan(repeated=0.0, minutes=3, load=1.5))
    assert bill.throttled == 0
    assert bill.served < bill.turns
    assert bill.longest_s < 8


def test_bare_numbers_do_not_count_as_repetition(data: Path) -> None:
    assert measure_repetition(data / "hint3" / "curekart_test.csv") == pytest.approx(1 / 3)


def test_the_commands_print_their_tables(data: Path) -> None:
    done = CliRunner().invoke(evaluate, ["cost", str(data), "--minutes", "1", "--repeated", "0.3", "--json"])
    rows = msgspec.json.decode(done.stdout)
    assert [row["way"] for row in rows] == [
        ALONE.name,
        *(way.name for way in WAYS),
        "routing, shorter prompts, at 150 %",
    ]
    done = CliRunner().invoke(evaluate, ["economy", str(data), "--json"])
    passages, turns = msgspec.json.decode(done.stdout)
    assert (passages["survive"], turns["survive"]) == ("1.0000", "1.0000")
