import type { State } from "@miaohui/conversation/state";
import { spoken } from "@miaohui/ui/prose";
import { Component } from "preact";
import type { Words } from "../words";
import { activityOf } from "./message";

interface Props {
  talk: State;
  words: Words;
}

interface Told {
  seq: number;
  /** How much of each turn's text was told. */
  said: Map<string, number>;
}

/** Tells a screen reader what is new: whole sentences of a growing answer, never single words. */
export class Speaker extends Component<Props> {
  private told: Told = { seq: this.props.talk.seq, said: new Map() };
  private text = "";

  render({ talk, words }: Props) {
    this.text = tell(talk, this.told, words) || this.text;
    return (
      <div class="unseen" role="log" aria-live="polite">
        {this.text}
      </div>
    );
  }
}

function tell(talk: State, told: Told, words: Words): string {
  let news = "";
  const since = (turn: string, text: string, whole: boolean): void => {
    const from = told.said.get(turn) ?? 0;
    const to = whole ? text.length : sentenceEnd(text);
    if (to <= from) return;
    told.said.set(turn, to);
    news += text.slice(from, to);
  };
  for (const stream of Object.values(talk.streams)) since(stream.turn || stream.id, stream.text, false);
  for (const message of talk.messages) {
    if (message.seq <= told.seq) continue;
    if (message.sender.kind === "assistant" && message.turn) since(message.turn, message.text, true);
    else if (message.kind === "activity") news += activityOf(message, words);
    else if (message.sender.kind !== "visitor" && message.kind !== "note") {
      news += `${message.sender.name ?? ""}: ${message.text}\n`;
    }
  }
  told.seq = Math.max(told.seq, talk.seq);
  return spoken(news);
}

/** The position after the last finished sentence. */
export function sentenceEnd(text: string): number {
  let end = 0;
  for (const found of text.matchAll(/[。！？!?；\n]|\.(?=\s)/g)) end = found.index + 1;
  return end;
}
