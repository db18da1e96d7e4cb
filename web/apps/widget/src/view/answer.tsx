import type { Citation, Message, Rating } from "@miaohui/client";
import { reveal } from "@miaohui/conversation/smoothing";
import { circled } from "@miaohui/ui/prose";
import { Component } from "preact";
import type { Words } from "../words";
import { Icon, Spark } from "./icons";
import { Prose } from "./prose";

interface Props {
  words: Words;
  name: string;
  text: string;
  first: boolean;
  /** The durable message; absent while the text still streams. */
  message?: Message;
  calm: boolean;
  /** How fast the assistant lets an answer appear; none as it comes. */
  pace: string | undefined;
  openSource(citation: Citation): void;
  rate(id: string, rating: Rating): void;
}

/** What the assistant says, from the first streamed word to the rated answer; one element all the way. */
export class Answer extends Component<Props, { shown: number }> {
  private frame = 0;
  private at = 0;

  constructor(props: Props) {
    super(props);
    this.state = { shown: props.message || props.calm ? props.text.length : 0 };
  }

  override componentDidMount(): void {
    this.follow();
  }

  override shouldComponentUpdate(next: Props, state: { shown: number }): boolean {
    const { text, message, words, first } = this.props;
    return (
      next.text !== text ||
      next.message !== message ||
      next.words !== words ||
      next.first !== first ||
      state.shown !== this.state.shown
    );
  }

  override componentDidUpdate(before: Props): void {
    // Another attempt, or another final text: what was shown is void.
    if (!this.props.text.startsWith(before.text.slice(0, this.state.shown))) this.setState({ shown: 0 });
    this.follow();
  }

  override componentWillUnmount(): void {
    cancelAnimationFrame(this.frame);
  }

  render({ words, name, text, first, message, calm }: Props, { shown }: { shown: number }) {
    const whole = calm || shown >= text.length;
    const done = whole && message;
    return (
      <div class="line theirs">
        {first && (
          <div class="who">
            <span class="face ai">
              <Spark />
            </span>
            <span>{name}</span>
            <span class="tag">{words.say("message.ai")}</span>
          </div>
        )}
        <div class="said paper">
          <Prose text={whole ? text : text.slice(0, shown)} live={!done} cite={(n) => this.mark(n)} />
        </div>
        {done && this.foot(message)}
      </div>
    );
  }

  private foot(message: Message) {
    const { words } = this.props;
    const cited = message.citations ?? [];
    return (
      <div class="under">
        {cited.length > 0 && (
          <ul class="sources" aria-label={words.say("message.sources")}>
            {cited.map((one) => (
              <li key={one.chunk_id}>
                <button type="button" class="chip" onClick={() => this.props.openSource(one)}>
                  <span aria-hidden="true">{circled(one.n)}</span> {titleOf(one, cited)}
                </button>
              </li>
            ))}
          </ul>
        )}
        {message.final && this.thumbs(message)}
      </div>
    );
  }

  private thumbs({ id, rating = 0 }: Message) {
    const { words, rate } = this.props;
    return (
      <div class="thumbs">
        {([1, -1] as const).map((value) => (
          <button
            type="button"
            key={value}
            class={value > 0 ? "thumb" : "thumb down"}
            aria-label={words.say(value > 0 ? "message.good" : "message.bad")}
            aria-pressed={rating === value}
            onClick={() => rate(id, rating === value ? 0 : value)}
          >
            <Icon name="good" size={18} />
          </button>
        ))}
        {rating !== 0 && <span class="quiet">{words.say("message.thanks")}</span>}
      </div>
    );
  }

  private mark(n: number) {
    const { message, words, openSource } = this.props;
    const cited = message?.citations?.find((one) => one.n === n);
    if (!cited) return message ? null : <span class="mark">{circled(n)}</span>;
    return (
      <button
        type="button"
        class="mark"
        aria-label={words.say("message.source", { n, title: cited.title })}
        onClick={() => openSource(cited)}
      >
        {circled(n)}
      </button>
    );
  }

  private follow(): void {
    const { text, calm } = this.props;
    if (calm || this.frame || this.state.shown >= text.length) return;
    this.at = performance.now();
    const step = (now: number): void => {
      const elapsed = Math.min(200, now - this.at);
      const shown = reveal(this.props.text, this.state.shown, elapsed, this.props.pace);
      if (shown > this.state.shown) this.at = now;
      this.frame = shown < this.props.text.length ? requestAnimationFrame(step) : 0;
      this.setState({ shown });
    };
    this.frame = requestAnimationFrame(step);
  }
}

/** The article's title, or the heading where another source has the same. */
function titleOf({ title, heading }: Citation, all: Citation[]): string {
  return (all.filter((one) => one.title === title).length > 1 && heading) || title;
}
