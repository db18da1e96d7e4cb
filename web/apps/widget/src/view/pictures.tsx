import { acceptedBy, sizeOf } from "@miaohui/ui/pictures";
import { Component, createRef } from "preact";
import { trayOf } from "../pictures/tray";
import type { Picture } from "../pictures/types";
import { say, type Takes, whyRefused } from "../pictures/words";
import type { Scene, Visit } from "../visit";
import { Icon } from "./icons";
import { Large, type Shown } from "./large";
import { CLIP, PAPER } from "./paths";

interface Props {
  scene: Scene;
  visit: Visit;
}

interface State {
  over?: boolean;
  large?: Shown | null;
}

/** Beside the field: what is to be sent with the words, and the ways to add some: chosen, pasted, dropped. */
export class Pictures extends Component<Props, State> {
  private readonly button = createRef<HTMLButtonElement>();
  private readonly said = createRef<HTMLDivElement>();
  private readonly input = createRef<HTMLInputElement>();
  private window: Element | null = null;

  override componentDidMount(): void {
    this.window = this.said.current?.closest(".window") ?? null;
    for (const [name, hear] of this.ways()) this.window?.addEventListener(name, hear as EventListener);
  }

  override componentWillUnmount(): void {
    for (const [name, hear] of this.ways()) this.window?.removeEventListener(name, hear as EventListener);
  }

  render({ scene: { words, session }, visit }: Props, { over, large }: State) {
    const { pictures, refused, told } = trayOf(visit);
    const inbox: Takes = session?.inbox ?? {};
    return (
      <>
        {pictures.length > 0 && (
          <ul class="tray" aria-label={say(words, "tray")}>
            {pictures.map((one) => (
              <Item
                key={one.id}
                picture={one}
                name={(word) => say(words, word, { name: one.name })}
                again={() => trayOf(visit).again(one.id)}
                remove={() => this.remove(one.id)}
              />
            ))}
          </ul>
        )}
        <div class="refused" role="status" ref={this.said}>
          {refused.map((one) => (
            <p key={one.name + one.why}>{whyRefused(words, one, inbox)}</p>
          ))}
          <span class="unseen">{told && say(words, "added", { name: told })}</span>
        </div>
        {trayOf(visit).takes && (
          <button
            ref={this.button}
            type="button"
            class="icon add"
            title={say(words, "add")}
            aria-label={say(words, "add")}
            onClick={() => this.input.current?.click()}
          >
            <Icon name={CLIP} />
          </button>
        )}
        <input
          ref={this.input}
          type="file"
          accept={acceptedBy(inbox.files ? (inbox.file_types ?? []) : [], inbox.pictures)}
          multiple
          hidden
          aria-label={say(words, "add")}
          onChange={this.onChoose}
        />
        {over && <div class="drop">{say(words, "drop")}</div>}
        {large && <Large shown={large} words={words} close={() => this.setState({ large: null })} />}
      </>
    );
  }

  private ways() {
    return [
      ["paste", this.onPaste],
      ["dragover", this.onOver],
      ["dragleave", this.onLeave],
      ["drop", this.onDrop],
      ["click", this.onClick],
    ] as const;
  }

  /** What had the focus is gone with it. */
  private remove(id: string): void {
    trayOf(this.props.visit).remove(id);
    this.button.current?.focus();
  }

  private onChoose = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    void trayOf(this.props.visit).add(Array.from(input.files ?? []));
    // The same file once more is a choice, too.
    input.value = "";
  };

  private onPaste = (event: ClipboardEvent): void => {
    const { files, types } = event.clipboardData ?? {};
    // Copied cells of a table come as words and as a picture of them: the words were meant.
    if (!files?.length || types?.includes("text/plain") || !trayOf(this.props.visit).takes) return;
    event.preventDefault();
    void trayOf(this.props.visit).add(Array.from(files));
  };

  private onOver = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    if (!this.state.over && trayOf(this.props.visit).takes) this.setState({ over: true });
  };

  private onLeave = (event: DragEvent): void => {
    if (!(event.relatedTarget instanceof Node && this.window?.contains(event.relatedTarget)))
      this.setState({ over: false });
  };

  private onDrop = (): void => this.setState({ over: false });

  /** A picture of the thread opens here; with a key held, or before this came, in a tab of its own. */
  private onClick = (event: MouseEvent): void => {
    const link = (event.target as Element).closest("a");
    const image = link?.querySelector("img");
    if (!link || !image || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.setState({ large: { name: image.alt, src: link.href } });
  };
}

interface ItemProps {
  picture: Picture;
  name(word: "progress" | "again" | "remove"): string;
  again(): void;
  remove(): void;
}

function Item({ picture: { state, share, preview, name, file }, name: named, again, remove }: ItemProps) {
  return (
    <li class={preview ? state : `${state} paper-item`}>
      {preview ? (
        <a href={preview} target="_blank" rel="noopener">
          <img src={preview} alt={name} />
        </a>
      ) : (
        <span class="doc">
          <Icon name={PAPER} />
          <span title={name}>{name}</span>
          <small>{sizeOf(file.size)}</small>
        </span>
      )}
      {state === "sending" && <progress max={1} value={share} aria-label={named("progress")} />}
      {state === "failed" && (
        <button type="button" class="again" aria-label={named("again")} onClick={again}>
          <Icon name="fresh" size={18} />
        </button>
      )}
      <button type="button" class="off" aria-label={named("remove")} onClick={remove}>
        <Icon name="cross" size={16} />
      </button>
    </li>
  );
}
