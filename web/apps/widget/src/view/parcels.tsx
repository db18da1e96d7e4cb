import { sizeOf } from "@miaohui/ui/pictures";
import { Component, createRef } from "preact";
import { trayOf } from "../pictures/tray";
import { type Parcel, shareOf } from "../pictures/types";
import { say, whyFailed } from "../pictures/words";
import type { Visit } from "../visit";
import type { Words } from "../words";
import { Icon } from "./icons";
import { PAPER } from "./paths";

/** Messages that wait for their pictures, below everything that was said. */
export function Parcels({ visit, words }: { visit: Visit; words: Words }) {
  const tray = trayOf(visit);
  return (
    <>
      {tray.parcels.map((one) => (
        <Waiting
          key={one.cmid}
          parcel={one}
          words={words}
          retry={() => tray.retry(one.cmid)}
          drop={() => tray.drop(one.cmid)}
        />
      ))}
    </>
  );
}

interface Props {
  parcel: Parcel;
  words: Words;
  retry(): void;
  drop(): void;
}

class Waiting extends Component<Props> {
  private readonly line = createRef<HTMLDivElement>();

  override componentDidMount(): void {
    this.line.current?.scrollIntoView({ block: "nearest" });
  }

  render({ parcel, words, retry, drop }: Props) {
    const failed = parcel.pictures.find((one) => one.state === "failed");
    const share = shareOf(parcel);
    return (
      <div ref={this.line} class={failed ? "line mine failed" : "line mine"}>
        <div class="said jade">
          {parcel.words && <p class="plain">{parcel.words}</p>}
          <div class="shots">
            {parcel.pictures.map((one) =>
              one.preview ? (
                <a key={one.id} href={one.preview} target="_blank" rel="noopener">
                  <img src={one.preview} alt={one.name} />
                </a>
              ) : (
                <span key={one.id} class="doc">
                  <Icon name={PAPER} />
                  <span title={one.name}>{one.name}</span>
                  <small>{sizeOf(one.file.size)}</small>
                </span>
              ),
            )}
          </div>
          {parcel.below && <p class="attached">{parcel.below.replace(/^\n▸ /, "")}</p>}
        </div>
        {failed ? (
          <div class="fate" role="alert">
            <span>{whyFailed(words, failed)}</span>
            <button type="button" class="text" onClick={retry}>
              <Icon name="fresh" size={16} /> {words.say("message.retry")}
            </button>
            <button type="button" class="text plainly" onClick={drop}>
              {words.say("message.remove")}
            </button>
          </div>
        ) : (
          <div class="fate quiet">
            <progress
              max={1}
              value={share}
              aria-label={say(words, "progress", { name: parcel.pictures[0]?.name ?? "" })}
            />
            <span>{say(words, "sending", { percent: Math.floor(share * 100) })}</span>
            <button type="button" class="text plainly" onClick={drop}>
              {words.say("message.remove")}
            </button>
          </div>
        )}
      </div>
    );
  }
}
