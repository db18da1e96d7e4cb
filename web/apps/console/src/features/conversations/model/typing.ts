import type { ClientFrame } from "@miaohui/client";
import { line } from "../../../shared/realtime/line";

const repeatMs = 3000;
const silenceMs = 5000;

/** Tells the visitor that a person is typing: at once, again every few seconds, and when it stops. */
export class Typing {
  readonly #conversation: string;
  readonly #send: (frame: ClientFrame) => void;
  #told = 0;
  #stop: ReturnType<typeof setTimeout> | undefined;

  constructor(conversation: string, send: (frame: ClientFrame) => void = (frame) => line.send(frame)) {
    this.#conversation = conversation;
    this.#send = send;
  }

  typed(nowMs: number): void {
    clearTimeout(this.#stop);
    this.#stop = setTimeout(() => this.stopped(), silenceMs);
    if (nowMs - this.#told < repeatMs) return;
    this.#told = nowMs;
    this.#send({ t: "typing", conv: this.#conversation, on: true });
  }

  stopped(): void {
    clearTimeout(this.#stop);
    if (this.#told === 0) return;
    this.#told = 0;
    this.#send({ t: "typing", conv: this.#conversation, on: false });
  }
}
