/** Ask one question, and print the answer as it comes: `node ask.js https://support.example.com mh_live_… 怎么退货?` */

import { Miaohui } from "../src/index.js";

const [base = "", key = "", question = ""] = process.argv.slice(2);
const miaohui = new Miaohui(base, { key, retrying: { first: 100 } });
for await (const event of miaohui.ask(question, { visitorId: "4711" })) {
  if (event.kind === "said") process.stdout.write(event.text);
  if (event.kind === "reset") process.stdout.write("\n(once more)\n");
  if (event.kind === "ended") {
    process.stdout.write(`\n(${event.state})\n`);
    process.exitCode = event.state === "answered" ? 0 : 1;
  }
}
