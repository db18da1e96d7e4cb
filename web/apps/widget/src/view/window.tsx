import { runningTurn } from "@miaohui/conversation/reduce";
import { Component, createRef } from "preact";
import type { Scene, Visit } from "../visit";
import { Composer } from "./composer";
import { Icon, Spark } from "./icons";
import { fetchParts, Late } from "./late";
import { personIn, timeOf } from "./lines";
import { Speaker } from "./speaker";
import { Thread } from "./thread";

interface Props {
  scene: Scene;
  visit: Visit;
  close(): void;
}

const FOCUSABLE = 'button:not([disabled]),a[href],textarea,[tabindex="0"]';

/** The sheet itself: an ARIA dialog that keeps the focus while it is open. */
export class Window extends Component<Props> {
  private readonly dialog = createRef<HTMLDivElement>();

  override componentDidMount(): void {
    this.follow();
  }

  override componentDidUpdate(before: Props): void {
    this.follow(before);
  }

  private follow(before?: Props): void {
    const { scene, visit } = this.props;
    const came = scene.open && !before?.scene.open;
    if (came) this.dialog.current?.querySelector("textarea")?.focus({ preventScroll: true });
    if (came || scene.talk.seq !== before?.scene.talk.seq) visit.looked();
  }

  render({ scene, visit, close }: Props) {
    const { words, session, talk } = scene;
    return (
      <div
        class="window"
        ref={this.dialog}
        role="dialog"
        aria-modal={matches("(max-width: 480px)") ? "true" : "false"}
        aria-label={words.say("panel.label", { name: session?.inbox.name ?? "" })}
        hidden={!scene.open}
        onKeyDown={this.onKeyDown}
        onDragOver={this.onDrag}
        onDrop={this.onDrag}
      >
        <Head scene={scene} visit={visit} close={close} />
        <ConnectionLine scene={scene} visit={visit} />
        <div class="body">
          <Thread scene={scene} visit={visit} calm={matches("(prefers-reduced-motion: reduce)")} />
          {scene.source && (
            <Late
              visit={visit}
              draw={({ Source }) =>
                scene.source && (
                  <Source
                    key={scene.source.chunk_id}
                    citation={scene.source}
                    words={words}
                    read={(chunk) => visit.readPassage(chunk)}
                    close={this.closeSource}
                  />
                )
              }
            />
          )}
        </div>
        <Composer scene={scene} visit={visit} />
        <Foot scene={scene} visit={visit} />
        <Speaker talk={talk} words={words} />
      </div>
    );
  }

  private closeSource = (): void => this.props.visit.show({ source: null });

  // Here and not in what comes later: a file that is dropped before that must not open in place of the page.
  private onDrag = (event: DragEvent): void => {
    const { files = [], types } = event.dataTransfer ?? {};
    if (!types?.includes("Files")) return;
    event.preventDefault();
    const { visit } = this.props;
    const all = event.type === "drop" ? [...files] : [];
    void fetchParts(visit).then((parts) => parts.trayOf(visit).add(all));
  };

  private onKeyDown = (event: KeyboardEvent): void => {
    // The page's own shortcuts are not meant for what is typed here.
    event.stopPropagation();
    if (event.key === "Escape" && !event.isComposing) {
      (this.props.scene.source ? this.closeSource : this.props.close)();
    }
    if (event.key === "Tab" && this.dialog.current) holdFocus(this.dialog.current, event);
  };
}

function matches(query: string): boolean {
  return matchMedia(query).matches;
}

function Head({ scene, visit, close }: Props) {
  const { words, session, talk } = scene;
  const agent = personIn(talk);
  return (
    <header class="head">
      <span class={agent ? "face big human" : "face big ai"} aria-hidden="true">
        {agent ? [...agent][0] : <Spark size={20} />}
      </span>
      <div class="names">
        <h1>{session?.inbox.name ?? "\u00a0"}</h1>
        <p class="state">
          <i class={agent ? "dot human" : talk.status === "open" ? "dot waiting" : "dot"} />
          {stateOf(scene, agent)}
        </p>
      </div>
      {talk.messages.length > 0 && (
        <button
          type="button"
          class="icon"
          title={words.say("panel.new")}
          aria-label={words.say("panel.new")}
          onClick={() => visit.startOver()}
        >
          <Icon name="compose" />
        </button>
      )}
      <button type="button" class="icon" aria-label={words.say("panel.close")} onClick={close}>
        <Icon name="close" />
      </button>
    </header>
  );
}

function stateOf({ words, talk, session }: Scene, agent: string): string {
  if (!session) return words.say("state.connecting");
  if (agent) return words.say("state.agent", { name: agent });
  if (talk.status === "open" || talk.status === "snoozed") return waitOf(words, talk.place);
  if (talk.status === "resolved") return words.say("state.resolved");
  return words.say(runningTurn(talk, Date.now()) ? "state.thinking" : "state.instant");
}

/** The place in the queue and an honest estimate, as far as they are known. */
function waitOf(words: Scene["words"], place: Scene["talk"]["place"]): string {
  if (!place) return words.say("state.waiting");
  const n = place.position;
  if (place.opens_at) return words.say("state.away", { time: timeOf(place.opens_at, words.locale) });
  if (!place.estimate_s) return words.say("state.place", { n });
  return words.say("state.soon", { n, m: Math.ceil(place.estimate_s / 60) });
}

function ConnectionLine({ scene, visit }: { scene: Scene; visit: Visit }) {
  const { words, talk } = scene;
  const cut = scene.session && talk.link === "offline";
  const word = scene.sessionFailed && !scene.session ? "line.session" : cut ? "line.offline" : null;
  const refused = talk.link === "refused";
  return (
    <div role="status" class={word || refused ? "cut on" : "cut"}>
      {(word || refused) && <span>{words.say(word ?? "line.refused")}</span>}
      {word && (
        <button type="button" onClick={() => visit.reconnect()}>
          {words.say("line.again")}
        </button>
      )}
    </div>
  );
}

function Foot({ scene, visit }: { scene: Scene; visit: Visit }) {
  const { words, talk, human } = scene;
  const done = talk.status === "open";
  return (
    <footer class="foot">
      <button
        type="button"
        class="text human"
        // Disabled it would drop the focus of who just pressed it.
        aria-disabled={done || human === "asking"}
        onClick={() => !done && void visit.askHuman()}
      >
        <Icon name="person" size={16} />
        {words.say(done ? "human.done" : human === "asking" ? "human.asking" : "human.ask")}
      </button>
      <span class="quiet">{words.say("foot.note")}</span>
    </footer>
  );
}

/** Tab goes round inside the window. */
function holdFocus(dialog: HTMLElement, event: KeyboardEvent): void {
  const all = [...dialog.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((one) => one.offsetParent !== null);
  const active = (dialog.getRootNode() as ShadowRoot).activeElement;
  const edge = event.shiftKey ? all[0] : all[all.length - 1];
  if (active !== edge) return;
  event.preventDefault();
  (event.shiftKey ? all[all.length - 1] : all[0])?.focus();
}
