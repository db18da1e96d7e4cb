import type { Citation, Passage } from "@miaohui/client";
import { circled } from "@miaohui/ui/prose";
import { Component, createRef } from "preact";
import type { Words } from "../words";
import { Icon } from "./icons";
import { Prose } from "./prose";

interface Props {
  citation: Citation;
  words: Words;
  read(chunk: string): Promise<Passage>;
  close(): void;
}

/** The passage behind a citation, over the thread, so that the conversation is not left. */
export class Source extends Component<Props, { passage?: Passage; failed?: boolean }> {
  private readonly button = createRef<HTMLButtonElement>();

  override componentDidMount(): void {
    this.button.current?.focus();
    this.props.read(this.props.citation.chunk_id).then(
      (passage) => this.setState({ passage }),
      () => this.setState({ failed: true }),
    );
  }

  render({ citation, words, close }: Props, { passage, failed }: { passage?: Passage; failed?: boolean }) {
    const heading = passage?.heading || citation.heading;
    return (
      <div class="sheet" role="dialog" aria-label={words.say("source.title")}>
        <div class="sheet-head">
          <span class="quiet">
            {words.say("source.title")} {circled(citation.n)}
          </span>
          <button
            ref={this.button}
            type="button"
            class="icon"
            aria-label={words.say("source.close")}
            onClick={close}
          >
            <Icon name="cross" />
          </button>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <div class="sheet-body" tabIndex={0}>
          <h2>{passage?.title || citation.title}</h2>
          {heading && heading !== citation.title && <p class="quiet">{heading}</p>}
          {failed && <p class="quiet">{words.say("source.excerpt")}</p>}
          {passage || failed ? (
            <blockquote>
              <Prose text={passage?.text ?? citation.excerpt ?? ""} />
            </blockquote>
          ) : (
            <p class="quiet">{words.say("source.loading")}</p>
          )}
          {passage?.url && (
            <a class="more" href={passage.url} target="_blank" rel="noopener noreferrer">
              {words.say("source.article")} <Icon name="out" size={16} />
            </a>
          )}
        </div>
      </div>
    );
  }
}
