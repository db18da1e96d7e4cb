import type { Citation, Passage } from "@miaohui/client";
import { circled } from "@miaohui/ui/prose";
import { Component, createRef } from "preact";
import type { Words } from "../words";
import { Icon } from "./icons";
import { OUT } from "./paths";
import { Prose } from "./prose";

const WORDS = {
  "zh-CN": {
    title: "来源原文",
    close: "返回对话",
    loading: "正在打开…",
    article: "查看全文",
    excerpt: "原文打不开，这是引用的片段。",
  },
  en: {
    title: "Source",
    close: "Back to the conversation",
    loading: "Opening…",
    article: "Read the full article",
    excerpt: "The full text can’t be opened right now. This is the part that was quoted.",
  },
};

/** Here and not in the sheet, which every visitor pays for. */
const LOOKS = {
  sheet: {
    position: "absolute",
    inset: "24px 0 0",
    display: "flex",
    flexDirection: "column",
    borderTop: "1px solid var(--line)",
    borderRadius: "16px 16px 0 0",
    background: "var(--paper)",
    boxShadow: "var(--float)",
  },
  head: {
    display: "flex",
    alignItems: "center",
    justifyContent: "space-between",
    padding: "4px 8px 0 20px",
  },
  body: {
    outlineOffset: "-3px",
    flex: 1,
    overflowY: "auto",
    padding: "0 20px 20px",
    fontSize: "15px",
    lineHeight: 1.6,
  },
  title: { margin: 0, fontSize: "16px", lineHeight: "24px", fontWeight: 600 },
  passage: { margin: "12px 0 0", paddingInlineStart: "14px", borderInlineStart: "2px solid var(--jade)" },
  more: {
    color: "var(--jade)",
    textUnderlineOffset: "3px",
    display: "inline-flex",
    alignItems: "center",
    gap: "4px",
    minHeight: "44px",
    marginTop: "8px",
  },
} as const;

interface Props {
  citation: Citation;
  words: Words;
  read(chunk: string): Promise<Passage>;
  close(): void;
}

/** The passage behind a citation, over the thread, so that the conversation is not left. */
export class Source extends Component<Props, { passage?: Passage; failed?: boolean }> {
  private readonly button = createRef<HTMLButtonElement>();
  private from: HTMLElement | null = null;

  override componentDidMount(): void {
    const root = this.button.current?.getRootNode() as ShadowRoot;
    // A button that was clicked has no focus in every browser; then the field gets it back.
    this.from = (root.activeElement ?? root.querySelector("textarea")) as HTMLElement | null;
    this.button.current?.focus();
    this.props.read(this.props.citation.chunk_id).then(
      (passage) => this.setState({ passage }),
      () => this.setState({ failed: true }),
    );
  }

  override componentWillUnmount(): void {
    this.from?.focus({ preventScroll: true });
  }

  render({ citation, words, close }: Props, { passage, failed }: { passage?: Passage; failed?: boolean }) {
    const say = WORDS[words.locale];
    const heading = passage?.heading || citation.heading;
    return (
      <div class="sheet" style={LOOKS.sheet} role="dialog" aria-label={say.title}>
        <div style={LOOKS.head}>
          <span class="quiet">
            {say.title} {circled(citation.n)}
          </span>
          <button ref={this.button} type="button" class="icon" aria-label={say.close} onClick={close}>
            <Icon name="cross" />
          </button>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <div style={LOOKS.body} tabIndex={0}>
          <h2 style={LOOKS.title}>{passage?.title || citation.title}</h2>
          {heading && heading !== citation.title && <p class="quiet">{heading}</p>}
          {failed && <p class="quiet">{say.excerpt}</p>}
          {passage || failed ? (
            <blockquote style={LOOKS.passage}>
              <Prose text={passage?.text ?? citation.excerpt ?? ""} />
            </blockquote>
          ) : (
            <p class="quiet">{say.loading}</p>
          )}
          {passage?.url && (
            <a style={LOOKS.more} href={passage.url} target="_blank" rel="noopener noreferrer">
              {say.article} <Icon name={OUT} size={16} />
            </a>
          )}
        </div>
      </div>
    );
  }
}
