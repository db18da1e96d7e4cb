"""The TypeScript client: compiled strictly, then run by Node against a real server over a line that is cut."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
from pathlib import Path

import pytest
import pytest_asyncio
from tests.clients.node import find_node
from tests.clients.test_python import World, world
from tests.conformance.house import PASSWORD
from tests.support.servers import free_port

from miaohui.channels.web.protobuf import read_client, write_server

__all__ = ["world"]
ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients/typescript"
MODULES = ROOT / "web/node_modules"
COMPILER = MODULES / "typescript/bin/tsc"
NODE = find_node()
NEEDED = [COMPILER, MODULES / "@bufbuild/protobuf"]
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not NODE or not all(one.exists() for one in NEEDED), reason="the web tools are not here"),
]
BEGIN = """
import { ApiError, Miaohui, Unreachable } from "./src/index.js";
const [base, line, secret, ...rest] = process.argv.slice(2);
const retrying = { attempts: 8, first: 50, longest: 300 };
const end = (said) => { console.log(JSON.stringify(said)); process.exit(0); };
const codeOf = async (work) => {
  try { await work; return ""; }
  catch (error) { return error instanceof ApiError ? error.code : error.name; }
};
"""
FOLLOW = """
const visitor = await Miaohui.asVisitor(base, secret);
const talk = await visitor.start();
const seqs = [];
const watching = (async () => {
  for await (const event of new Miaohui(line, { key: visitor.key, retrying }).talk(talk.id).follow()) {
    if (event.kind === "message") seqs.push(event.message.seq);
    if (seqs.length >= 6) return;
  }
})();
await new Promise((resolve) => setTimeout(resolve, 500));
const first = await talk.say("一", { key: "the-same" });
const again = await talk.say("一", { key: "the-same" });
for (const text of ["二", "三"]) await talk.say(text);
await watching;
end({ seqs, same: first.id === again.id });
"""
SERVE = """
const [password, siteKey] = rest;
const agent = await Miaohui.logIn(base, secret, password);
const visitor = await Miaohui.asVisitor(base, siteKey);
const talk = await visitor.start();
await talk.requestHuman();
const here = agent.talk(talk.id);
const taken = (await here.takeOver()).status;
await here.say("您好");
await here.say("只给同事看", { note: true });
const ended = (await here.resolve()).status;
const listed = [];
for await (const one of agent.conversations("resolved")) listed.push(one.id);
const seen = [];
for await (const one of talk.messages()) if (one.sender.kind === "agent" && one.kind === "text") seen.push(one.text);
end({ taken, ended, listed: listed.includes(talk.id), seen });
"""
WATCH = """
const [password, siteKey] = rest;
setTimeout(() => process.exit(3), 20_000);
const agent = await Miaohui.logIn(base, secret, password);
const visitor = await Miaohui.asVisitor(base, siteKey);
const talk = await visitor.start();
await talk.say("一");
const seqs = [], states = [], told = new Set();
let at = { epoch: "", seq: 0, streams: [] };
const far = new Miaohui(line, { access: { key: () => agent.key } }).line();
far.onState((state) => states.push(state));
far.onFeed((frame) => { if (frame.t === "conv") told.add(frame.conv.id); });
const all = new Promise((resolve) => {
  const take = (frame) => {
    const came = frame.t === "msg" ? [frame.msg] : frame.t === "resumed" ? (frame.snapshot?.messages ?? []) : [];
    for (const message of came) {
      seqs.push(message.seq);
      at = { ...at, epoch: frame.epoch, seq: message.seq };
      if (message.text === "三") resolve();
    }
  };
  far.watch(talk.id, { position: () => at, take });
});
far.start();
await new Promise((resolve) => far.onWelcome(resolve));
const here = agent.talk(talk.id);
await here.takeOver();
for (const text of ["1", "2", "3", "4", "5", "6"]) await here.say(text.repeat(40));
await here.say("三");
await all;
const page = await agent.page({ assigneeId: "me", status: "open", limit: 5 });
const labelled = await here.label(["急"]);
const picture = await agent.upload(new Blob([Buffer.from("iVBORw0KGgoAAAANSUhEUg==", "base64")]));
const kept = await agent.download(picture.url);
far.stop();
end({
  seqs, comesBack: states.filter((one) => one === "open").length > 1, told: told.has(talk.id),
  mine: page.data.map((one) => one.id).includes(talk.id), labels: labelled.labels, bytes: kept.size,
});
"""
REFUSED = """
const [nobody] = rest;
const wrong = new Miaohui(line, { key: "wrong", retrying });
const right = new Miaohui(nobody, { key: secret, retrying: { attempts: 2, first: 10, longest: 20 } });
end({
  answer: await codeOf(wrong.answer("x")),
  ask: await codeOf(wrong.ask("x").next()),
  follow: await codeOf(wrong.talk("conv_nothing").follow().next()),
  away: await codeOf(right.answer("x")),
  awayToo: await codeOf(right.ask("x").next()),
});
"""
FRAMES = """
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ClientFrameSchema, ServerFrameSchema } from "./src/frames_pb.js";
const [given] = process.argv.slice(2);
const seen = fromBinary(ServerFrameSchema, Buffer.from(given, "base64")).frame;
const body = { text: "您好😀" };
const send = { case: "send", value: { conv: "conv_1", cmid: "c1", body } };
const bytes = toBinary(ClientFrameSchema, create(ClientFrameSchema, { frame: send }));
console.log(JSON.stringify({
  kind: seen.case, text: seen.value.msg.text, seq: String(seen.value.seq), sent: Buffer.from(bytes).toString("base64"),
}));
"""


async def run(*command: str, folder: Path = ROOT) -> tuple[int | None, str]:
    """Node, with nothing on its PATH."""
    process = await asyncio.create_subprocess_exec(
        NODE, *command, cwd=folder, env={"PATH": "", "HOME": os.environ.get("HOME", "/")},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode, output.decode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled where nothing else lies; a complaint of the compiler's fails every test."""
    folder = tmp_path_factory.mktemp("typescript")
    for part in ("src", "examples"):
        shutil.copytree(CLIENT / part, folder / part)
    readme = re.search(r"```ts\n(.*?)```", (CLIENT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert readme is not None
    program = readme[1].replace('"@miaohui/client"', '"../src/index.js"')
    for word, number in (("https://support.example.com", 2), ("mh_live_…", 3)):
        assert word in program
        program = program.replace(f'"{word}"', f'process.argv[{number}] ?? ""')
    (folder / "examples/readme.ts").write_text(program, encoding="utf-8")
    for name in ("tsconfig.json", "package.json"):
        shutil.copyfile(CLIENT / name, folder / name)
    (folder / "node_modules").symlink_to(MODULES)
    status, output = await run(str(COMPILER), "-p", str(folder / "tsconfig.json"), folder=folder)
    assert status == 0, output
    out = folder / "dist"
    (out / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    return out


async def play(built: Path, story: str, *arguments: str, flags: tuple[str, ...] = ()) -> dict[str, object]:
    """What a program says at its end."""
    program = built / "story.js"
    program.write_text(BEGIN + story if "process.argv" not in story else story, encoding="utf-8")
    status, output = await run(*flags, str(program), *arguments, folder=built)
    assert status == 0, output
    said: dict[str, object] = json.loads(output.splitlines()[-1])
    return said


@pytest.mark.parametrize("example", ["ask.js", "readme.js"])
async def test_the_documented_examples_run(world: World, built: Path, example: str) -> None:
    status, output = await run(str(built / "examples" / example), world.node.base, world.key, "怎么退货?")
    assert status == 0, output
    assert output.rstrip().endswith("(answered)")
    assert "(once more)" not in output


async def test_a_line_cut_in_the_middle_costs_neither_a_word_nor_a_second_question(world: World, built: Path) -> None:
    before = world.upstream.requests
    async with world.line(700, 700) as line:
        status, output = await run(str(built / "examples/ask.js"), line.base, world.key, "多久退款?")
        assert line.made >= 3
    assert status == 0, output
    assert world.upstream.requests == before + 1
    assert len(output.rpartition("(once more)")[2].strip()) > len("(answered)")


async def test_a_conversation_is_followed_over_lost_lines_without_a_gap(world: World, built: Path) -> None:
    async with world.line(2_500, 2_500) as line:
        said = await play(built, FOLLOW, world.node.base, line.base, world.node.tenants[0].site_key)
        assert line.made >= 2
    assert said == {"seqs": list(range(1, 7)), "same": True}


async def test_an_agent_takes_over_answers_and_ends_it(world: World, built: Path) -> None:
    tenant = world.node.tenants[0]
    said = await play(built, SERVE, world.node.base, "", tenant.email, PASSWORD, tenant.site_key)
    assert said == {"taken": "open", "ended": "resolved", "listed": True, "seen": ["您好"]}


async def test_a_socket_that_is_cut_goes_on_where_it_was(world: World, built: Path) -> None:
    tenant = world.node.tenants[0]
    async with world.line(1_500, 1_500) as line:
        arguments = (world.node.base, line.base, tenant.email, PASSWORD, tenant.site_key)
        said = await play(built, WATCH, *arguments, flags=("--experimental-websocket",))
        assert line.made >= 2
    seqs = said.pop("seqs")
    assert isinstance(seqs, list)
    assert seqs == list(range(1, len(seqs) + 1))
    assert said == {"comesBack": True, "told": True, "mine": True, "labels": ["急"], "bytes": 16}


async def test_what_is_refused_says_why_and_is_not_asked_again(world: World, built: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    async with world.line() as line:
        said = await play(built, REFUSED, world.node.base, line.base, world.key, nobody)
        assert line.made <= 3
    refused = dict.fromkeys(("answer", "ask", "follow"), "unauthenticated")
    assert said == {**refused, "away": "Unreachable", "awayToo": "Unreachable"}


async def test_generated_code_reads_and_writes_what_the_server_does(built: Path) -> None:
    message = {"id": "msg_1", "seq": 7, "sender": {"kind": "agent", "id": "a"}, "kind": "text", "text": "好的👌"}
    frame = json.dumps({"t": "msg", "conv": "conv_1", "epoch": "e", "seq": 7, "msg": {**message, "created_at": "x"}})
    said = await play(built, FRAMES, base64.b64encode(write_server(frame)).decode())
    assert (said["kind"], said["text"], said["seq"]) == ("msg", "好的👌", "7")
    sent = json.loads(read_client(base64.b64decode(str(said["sent"]))))
    assert sent == {"t": "send", "conv": "conv_1", "cmid": "c1", "body": {"text": "您好😀"}}


async def test_the_binary_example_runs(world: World, built: Path) -> None:
    example = str(built / "examples/frames.js")
    site_key = world.node.tenants[0].site_key
    status, output = await run("--experimental-websocket", example, world.node.base, site_key, "怎么退货?")
    assert status == 0, output
    said, ended, closed = output.strip().splitlines()[-3:]
    assert (len(said) > 10, ended, closed) == (True, "(answered)", "(closed 1005)"), output
