import { runningTurn } from "@miaohui/conversation/reduce";
import type { State } from "@miaohui/conversation/state";
import { Component, createRef } from "preact";
import type { Scene, Visit } from "../visit";
import { Answer } from "./answer";
import { Icon, Spark } from "./icons";
import { Late } from "./late";
import { type Line, linesOf, personIn, timeOf } from "./lines";
import { activityOf, Own, Person, Sending } from "./message";
import { Prose } from "./prose";

const NEAR_PX = 60;

interface Props {
  scene: Scene;
  visit: Visit;
  /** No motion is wanted. */
  calm: boolean;
}

export class Thread extends Component<Props, { away?: boolean }> {
  private readonly scroller = createRef<HTMLElement>();
  private readonly inner = createRef<HTMLDivElement>();
  private pinned = true;
  private observer: ResizeObserver | undefined;

  override componentDidMount(): void {
    // Whatever makes the thread grow, the end stays in sight, unless the visitor has scrolled up to read.
    this.observer = new ResizeObserver(() => this.pinned && this.toEnd());
    for (const { current } of [this.inner, this.scroller]) if (current) this.observer.observe(current);
  }

  override componentDidUpdate({ scene }: Props): void {
    const { talk, open } = this.props.scene;
    if (talk.pending.length > scene.talk.pending.length || open !== scene.open) this.toEnd();
  }

  override componentWillUnmount(): void {
    this.observer?.disconnect();
  }

  render({ scene, visit, calm }: Props, { away }: { away?: boolean }) {
    const { words, talk, session } = scene;
    const lines = linesOf(talk);
    return (
      <div class="thread-box">
        <section
          class="thread"
          ref={this.scroller}
          onScroll={this.onScroll}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          aria-label={words.say("thread.label")}
        >
          <div class="inner" ref={this.inner}>
            {session && <Greeting scene={scene} visit={visit} quick={lines.length === 0} />}
            {lines.map((line) => (
              <Row key={line.key} line={line} scene={scene} visit={visit} calm={calm} />
            ))}
            <Late visit={visit} draw={({ Parcels }) => <Parcels visit={visit} words={words} />} />
            <Below scene={scene} visit={visit} />
          </div>
        </section>
        {away && (
          <button type="button" class="latest" onClick={this.toEnd}>
            <Icon name="down" size={16} /> {words.say("thread.latest")}
          </button>
        )}
      </div>
    );
  }

  private onScroll = (): void => {
    const area = this.scroller.current;
    if (!area) return;
    this.pinned = area.scrollHeight - area.scrollTop - area.clientHeight < NEAR_PX;
    if (this.pinned === !!this.state.away) this.setState({ away: !this.pinned });
  };

  private toEnd = (): void => {
    const area = this.scroller.current;
    if (area) area.scrollTop = area.scrollHeight;
  };
}

interface RowProps extends Props {
  line: Line;
}

function Row({ line, scene, visit, calm }: RowProps) {
  const { words } = scene;
  if (line.t === "time") return <p class="activity">{timeOf(line.at, words.locale)}</p>;
  if (line.t === "pending") {
    return (
      <Sending
        pending={line.pending}
        words={words}
        retry={(cmid) => visit.retry(cmid)}
        drop={(cmid) => visit.drop(cmid)}
      />
    );
  }
  const said = line.t === "stream" ? line.stream : line.message;
  const message = line.t === "message" ? line.message : undefined;
  if (message?.kind === "activity" || message?.sender.kind === "system") {
    const told = activityOf(message, words);
    return told ? <p class="activity">{told}</p> : null;
  }
  if (message?.sender.kind === "visitor") return <Own message={message} />;
  if (message?.sender.kind === "agent") {
    return <Person message={message} first={line.first} words={words} />;
  }
  const name = message?.sender.name || scene.session?.inbox.assistant.name || "";
  return (
    <Answer
      words={words}
      name={name}
      text={said.text}
      first={line.first}
      calm={calm}
      pace={scene.session?.inbox.assistant.pace}
      openSource={(source) => visit.show({ source })}
      rate={(id, rating) => void visit.rate(id, rating)}
      {...(message ? { message } : {})}
    />
  );
}

function Greeting({ scene, visit, quick }: { scene: Scene; visit: Visit; quick: boolean }) {
  const { words, session } = scene;
  if (!session) return null;
  const { assistant } = session.inbox;
  return (
    <>
      {session.notices?.map((text) => (
        <p key={text} class="notice">
          {text}
        </p>
      ))}
      <div class="line theirs">
        <div class="who">
          <span class="face ai">
            <Spark />
          </span>
          <span>{assistant.name}</span>
          <span class="tag">{words.say("message.ai")}</span>
        </div>
        <div class="said paper">
          <Prose text={assistant.greeting} />
        </div>
      </div>
      {quick && assistant.quick_questions.length > 0 && (
        <ul class="quick" aria-label={words.say("thread.quick")}>
          {assistant.quick_questions.map((question) => (
            <li key={question}>
              <button type="button" onClick={() => void visit.say(question)}>
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What stands under the last line: the assistant at work, a turn that failed, the promise of a person. */
function Below({ scene, visit }: { scene: Scene; visit: Visit }) {
  const { words, talk, session } = scene;
  const turn = runningTurn(talk, Date.now());
  const streaming = Object.values(talk.streams).some((one) => one.text);
  const name = session?.inbox.assistant.name ?? "";
  if (talk.status === "pending" && turn && !streaming) {
    return (
      <div class="line theirs">
        <div class="said paper dots" role="img" aria-label={words.say("message.typing", { name })}>
          <i />
          <i />
          <i />
        </div>
      </div>
    );
  }
  if (talk.typing) return <p class="activity">{words.say("message.typing", { name: talk.typing })}</p>;
  const asked = talk.messages.at(-1);
  const failed = asked?.turn && talk.turns[asked.turn]?.state === "failed" && asked.sender.kind === "visitor";
  if (failed && talk.status === "pending") {
    return (
      <div class="notice">
        <p>{words.say("turn.failed")}</p>
        <div class="acts">
          <button type="button" class="text" onClick={() => void visit.say(asked.text)}>
            <Icon name="fresh" size={16} /> {words.say("turn.again")}
          </button>
          <button type="button" class="text" onClick={() => void visit.askHuman()}>
            <Icon name="person" size={16} /> {words.say("human.ask")}
          </button>
        </div>
      </div>
    );
  }
  if (talk.status === "resolved") {
    return <Late visit={visit} draw={({ After }) => <After scene={scene} visit={visit} />} />;
  }
  if (talk.status === "open" && !personIn(talk) && !wasTold(talk.messages))
    return <p class="notice human-note">{words.say("human.promise")}</p>;
  return scene.human === "failed" ? <p class="notice">{words.say("human.failed")}</p> : null;
}

/** Whether the assistant handed over with words of its own, which promise the same. */
function wasTold(messages: State["messages"]): boolean {
  const handed = messages.findLast((one) => one.kind === "activity" && one.text.startsWith("handed_off:"));
  return handed !== undefined && messages.some((one) => handed.id === `${one.id}_h`);
}
