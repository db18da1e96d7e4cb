import type { Message } from "@miaohui/client";
import type { Pending } from "@miaohui/conversation/state";
import type { Word, Words } from "../words";
import { Icon } from "./icons";
import { Prose } from "./prose";

const CARD = "\n▸ ";

/** Words with the product or order that was attached below them; a visitor's own are plain unless they hold pictures. */
function Body({ text, rich }: { text: string; rich?: boolean }) {
  const [words = "", card] = text.split(CARD);
  return (
    <>
      {rich || words.includes("](/v1/media/") ? <Prose text={words} /> : <p class="plain">{words}</p>}
      {card && <p class="attached">{card}</p>}
    </>
  );
}

export function Own({ message }: { message: Message }) {
  return (
    <div class="line mine">
      <div class="said jade">
        <Body text={message.text} />
      </div>
    </div>
  );
}

interface SendingProps {
  pending: Pending;
  words: Words;
  retry(cmid: string): void;
  drop(cmid: string): void;
}

export function Sending({ pending, words, retry, drop }: SendingProps) {
  const failed = pending.state === "failed";
  return (
    <div class={failed ? "line mine failed" : "line mine"}>
      <div class="said jade">
        <Body text={pending.text} />
      </div>
      {failed ? (
        <div class="fate" role="alert">
          <span>{words.say(reasonOf(pending.code))}</span>
          <button type="button" class="text" onClick={() => retry(pending.cmid)}>
            <Icon name="fresh" size={16} /> {words.say("message.retry")}
          </button>
          <button type="button" class="text plainly" onClick={() => drop(pending.cmid)}>
            {words.say("message.remove")}
          </button>
        </div>
      ) : (
        <div class="fate quiet">
          {pending.state === "accepted" ? <Icon name="check" size={14} /> : <i class="ring" />}
          <span>{words.say(pending.state === "accepted" ? "message.sent" : "message.sending")}</span>
        </div>
      )}
    </div>
  );
}

function reasonOf(code: string): Word {
  if (code === "throttled" || code === "429") return "failed.throttled";
  if (code === "too_large" || code === "message_too_large") return "failed.too_large";
  return code === "overloaded" ? "failed.overloaded" : "failed.default";
}

/** A person's words, under a name and in blue, and labelled where a machine translated them. */
export function Person({ message, first, words }: { message: Message; first: boolean; words: Words }) {
  const { sender, text, translated } = message;
  const name = sender.name ?? "";
  return (
    <div class="line theirs">
      {(first || translated) && (
        <div class="who human">
          <span class="face human" aria-hidden="true">
            {[...name][0] ?? ""}
          </span>
          <span>{name}</span>
          {translated && <span class="tag">{words.say("message.ai")}</span>}
        </div>
      )}
      <div class="said blue">
        <Body text={text} rich />
      </div>
    </div>
  );
}

const ACTIVITIES = ["handed_off", "taken_over", "handed_back", "resolved"] as const;
const joined = /^(claimed|assigned)$/;

/** What happened to the conversation, `kind:detail`, where the detail is a person's name or a reason; "" is for no visitor. */
export function activityOf({ text }: Message, words: Words): string {
  const [kind, name = ""] = text.split(":");
  const known = ACTIVITIES.find((one) => one === kind?.replace(joined, "taken_over"));
  return known ? words.say(`activity.${known}`, { name }) : "";
}
