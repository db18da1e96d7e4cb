import { runningTurn } from "@miaohui/conversation/reduce";
import { Component, createRef } from "preact";
import type { Scene, Visit } from "../visit";
import { Icon } from "./icons";
import { Late } from "./late";

interface Props {
  scene: Scene;
  visit: Visit;
}

/** Bytes would be 16 KiB; a Chinese character has three. */
const LONGEST = 5000;

export class Composer extends Component<Props> {
  private readonly field = createRef<HTMLTextAreaElement>();

  override componentDidMount(): void {
    this.fit();
  }

  override componentDidUpdate({ scene }: Props): void {
    if (scene.draft !== this.props.scene.draft) this.fit();
  }

  render({ scene, visit }: Props) {
    const { words, draft, card, talk } = scene;
    const ready = isReady(scene);
    return (
      <form class="composer" onSubmit={this.send}>
        {card && (
          <Late visit={visit} draw={({ Attached }) => <Attached card={card} words={words} visit={visit} />} />
        )}
        <div class="write">
          <Late visit={visit} draw={({ Pictures }) => <Pictures scene={scene} visit={visit} />} />
          <textarea
            ref={this.field}
            rows={1}
            maxLength={LONGEST}
            value={draft}
            aria-label={words.say("composer.label")}
            placeholder={words.say("composer.placeholder")}
            enterkeyhint="send"
            onInput={(event) => visit.write(event.currentTarget.value)}
            onKeyDown={this.onKeyDown}
          />
          {talk.status === "pending" && !ready && runningTurn(talk, Date.now()) ? (
            <button
              type="button"
              class="go stop"
              aria-label={words.say("composer.stop")}
              onClick={() => visit.stop()}
            >
              <Icon name="stop" />
            </button>
          ) : (
            <button type="submit" class="go" aria-label={words.say("composer.send")} disabled={!ready}>
              <Icon name="send" />
            </button>
          )}
        </div>
      </form>
    );
  }

  private send = (event: Event): void => {
    event.preventDefault();
    const { scene, visit } = this.props;
    if (!isReady(scene)) return;
    visit.write("");
    visit.say(scene.draft, true).catch(() => undefined);
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

/** There is something to send. */
function isReady({ draft, laden }: Scene): boolean {
  return laden || !!draft.trim();
}
