/**
 * One question over the WebSocket, in protobuf: `node frames.js https://support.example.com demo-site 怎么退货?`
 *
 * Node has `WebSocket` by itself from version 22; version 20 needs `--experimental-websocket`.
 */

import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ClientFrameSchema, ServerFrameSchema } from "../src/frames_pb.js";
import { Miaohui } from "../src/index.js";

type Frame = NonNullable<MessageInitShape<typeof ClientFrameSchema>["frame"]>;

const [base = "", siteKey = "", question = ""] = process.argv.slice(2);
const visitor = await Miaohui.asVisitor(base, siteKey);
const conv = (await visitor.start()).id;

const socket = new WebSocket(`${base.replace(/^http/, "ws")}/v1/ws`, ["miaohui.v1+proto"]);
socket.binaryType = "arraybuffer";
const say = (frame: Frame) => socket.send(toBinary(ClientFrameSchema, create(ClientFrameSchema, { frame })));

socket.onopen = () => say({ case: "hello", value: { token: visitor.key, resume: [{ conv }] } });
socket.onclose = ({ code }) => process.stdout.write(`(closed ${code})\n`);
socket.onmessage = ({ data }) => {
  const { frame } = fromBinary(ServerFrameSchema, new Uint8Array(data as ArrayBuffer));
  if (frame.case === "welcome") say({ case: "send", value: { conv, cmid: "first", body: { text: question } } });
  if (frame.case === "streamDelta") process.stdout.write(frame.value.text);
  if (frame.case === "hb") say({ case: "hb", value: {} });
  if (frame.case === "turnEnd") {
    process.stdout.write(`\n(${frame.value.state})\n`);
    socket.close();
  }
};
