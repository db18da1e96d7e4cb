import { Component, createRef } from "preact";
import { say } from "../pictures/words";
import type { Words } from "../words";
import { Icon } from "./icons";
import { OUT } from "./paths";

export interface Shown {
  name: string;
  src: string;
}

interface Props {
  shown: Shown;
  words: Words;
  close(): void;
}

/** A picture as large as the page lets it be; the browser itself keeps the focus in, and gives it back. */
export class Large extends Component<Props> {
  private readonly dialog = createRef<HTMLDialogElement>();

  override componentDidMount(): void {
    this.dialog.current?.showModal();
  }

  render({ shown: { name, src }, words, close }: Props) {
    return (
      <dialog
        ref={this.dialog}
        class="large"
        aria-label={name}
        onClose={close}
        // Escape is for this, and not for the window below it.
        onKeyDown={(event) => event.stopPropagation()}
        onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
      >
        <header>
          <span>{name}</span>
          <a href={src} target="_blank" rel="noopener noreferrer">
            <Icon name={OUT} size={16} /> {say(words, "original")}
          </a>
          <button
            type="button"
            class="icon"
            autofocus
            aria-label={say(words, "close")}
            onClick={() => this.dialog.current?.close()}
          >
            <Icon name="cross" />
          </button>
        </header>
        <img class="whole" src={src} alt={name} />
      </dialog>
    );
  }
}
