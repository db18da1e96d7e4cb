import { Component, createRef } from "preact";
import type { Card } from "../visit";
import type { Words } from "../words";
import { Icon } from "./icons";

interface Props {
  words: Words;
  draft: string;
  card: Card | null;
  /** An answer is on its way and may be stopped. */
  running: boolean;
  write(draft: string): void;
  say(text: string): void;
  stop(): void;
  detach(): void;
}

/** Bytes would be 16 KiB; a Chinese character has three. */
const LONGEST = 5000;

export class Composer extends Component<Props> {
  private readonly field = createRef<HTMLTextAreaElement>();

  override componentDidMount(): void {
    this.fit();
  }

  override componentDidUpdate(before: Props): void {
    if (before.draft !== this.props.draft) this.fit();
  }

  render({ words, draft, card, running, write, stop, detach }: Props) {
    return (
      <form class="composer" onSubmit={this.send}>
        {card && <Attached card={card} words={words} detach={detach} />}
        <div class="write">
          <textarea
            ref={this.field}
            rows={1}
            maxLength={LONGEST}
            value={draft}
            aria-label={words.say("composer.label")}
            placeholder={words.say("composer.placeholder")}
            enterkeyhint="send"
            onInput={(event) => write(event.currentTarget.value)}
            onKeyDown={this.onKeyDown}
          />
          {running && !draft.trim() ? (
            <button type="button" class="go stop" aria-label={words.say("composer.stop")} onClick={stop}>
              <Icon name="stop" />
            </button>
          ) : (
            <button type="submit" class="go" aria-label={words.say("composer.send")} disabled={!draft.trim()}>
              <Icon name="send" />
            </button>
          )}
        </div>
      </form>
    );
  }

  private send = (event: Event): void => {
    event.preventDefault();
    const { draft, say, write } = this.props;
    if (!draft.trim()) return;
    write("");
    say(draft);
    this.field.current?.focus();
  };

  private onKeyDown = (event: KeyboardEvent): void => {
    // 229 too: some browsers end the composition before they tell of its Enter.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229)
      this.send(event);
  };

  /** As high as its words, up to five lines. */
  private fit(): void {
    const area = this.field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 132)}px`;
  }
}

function Attached({ card, words, detach }: { card: Card; words: Words; detach(): void }) {
  return (
    <div class="card">
      {card.image && <img src={card.image} alt="" width="40" height="40" />}
      <span class="card-text">
        <span class="quiet">{words.say(`composer.${card.kind}`)}</span>
        <b>{card.title}</b>
        {card.note && <span class="quiet">{card.note}</span>}
      </span>
      <button type="button" class="icon" aria-label={words.say("composer.detach")} onClick={detach}>
        <Icon name="cross" />
      </button>
    </div>
  );
}
