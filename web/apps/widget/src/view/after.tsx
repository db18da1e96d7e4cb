import { Component, createRef } from "preact";
import type { Scene, Visit } from "../visit";

const WORDS = {
  "zh-CN": {
    ask: "这次服务怎么样？",
    scores: ["很差", "较差", "一般", "满意", "非常满意"],
    thanks: "谢谢您的评价。",
    more: "想多说一句吗？",
    send: "提交",
    failed: "没能提交，请再试一次。",
  },
  en: {
    ask: "How did we do?",
    scores: ["Very poor", "Poor", "Fair", "Good", "Very good"],
    thanks: "Thank you.",
    more: "Anything to add?",
    send: "Send",
    failed: "That did not get through. Please try again.",
  },
};

/** Here and not in the sheet, which every visitor pays for. */
const LOOKS = {
  box: { background: "var(--paper)", border: "1px solid var(--line)" },
  scores: { border: 0, margin: 0, padding: 0 },
  legend: { padding: 0, fontWeight: 600 },
  star: { padding: "0 4px", fontSize: "26px", lineHeight: 1.5 },
  remark: {
    inlineSize: "100%",
    margin: "8px 0",
    padding: "8px 10px",
    border: "1px solid var(--line)",
    borderRadius: "8px",
  },
};

interface Props {
  scene: Scene;
  visit: Visit;
}

interface State {
  score?: number;
  comment?: string;
  told?: boolean;
  failed?: boolean;
}

/** What the visitor found of it, asked once it is over; a score is enough. */
export class After extends Component<Props, State> {
  private readonly box = createRef<HTMLDivElement>();

  render({ scene }: Props, { score, comment = "", told, failed }: State) {
    const words = WORDS[scene.words.locale === "en" ? "en" : "zh-CN"];
    const chosen = score ?? ratedIn(scene.talk);
    return (
      <div ref={this.box} class="notice" style={LOOKS.box}>
        <fieldset class="scores" style={LOOKS.scores}>
          <legend style={LOOKS.legend}>{words.ask}</legend>
          {words.scores.map((name, n) => (
            <button
              key={name}
              type="button"
              aria-pressed={chosen === n + 1}
              aria-label={name}
              title={name}
              style={{ ...LOOKS.star, color: `var(--${n < (chosen ?? 0) ? "amber" : "ink-2"})` }}
              onClick={() => void this.tell(n + 1, comment)}
            >
              ★
            </button>
          ))}
        </fieldset>
        <p role="status">
          {failed ? words.failed : chosen ? `${words.scores[chosen - 1]} · ${words.thanks}` : ""}
        </p>
        {score && !told && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              // What had the focus is gone with the form.
              this.box.current?.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
              void this.tell(score, comment).then(() => this.setState({ told: true }));
            }}
          >
            <textarea
              style={LOOKS.remark}
              rows={2}
              maxLength={1000}
              value={comment}
              aria-label={words.more}
              placeholder={words.more}
              onInput={(event) => this.setState({ comment: event.currentTarget.value })}
            />
            <button type="submit" class="text" disabled={!comment.trim()}>
              {words.send}
            </button>
          </form>
        )}
      </div>
    );
  }

  private async tell(score: number, comment: string): Promise<void> {
    this.setState({ score, failed: false });
    try {
      await this.props.visit.server.rateService(this.props.scene.talk.conv, score, comment.trim());
    } catch {
      this.setState({ failed: true });
    }
  }
}

/** The score that stands in the thread since it was over, if any. */
function ratedIn(talk: Scene["talk"]): number | undefined {
  const line = talk.messages.findLast(
    (one) => one.kind === "activity" && /^(rated|resolved):/.test(one.text),
  );
  return line?.text.startsWith("rated:") ? Number(line.text.slice(6)) || undefined : undefined;
}
