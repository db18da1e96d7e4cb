import { type Facts, factsOf, type Look, lookOf, sizeOf } from "@miaohui/ui/pictures";
import { Component } from "preact";
import { Icon } from "./icons";
import { PAPER, SAVE } from "./paths";

interface Props {
  name: string;
  src: string;
}

const AGAIN_MS = 4_000;
const MOST_TRIES = 4;
const MARKS: Partial<Record<Look, string>> = {
  archive: "M10 4v2M12 6v2M10 8v2M12 10v2",
  sheet: "M8.5 12.5h7v5h-7zM12 12.5v5M8.5 15h7",
  slides: "M8.5 12.5h7v4h-7z",
  text: "M9 12h6M9 14.5h6M9 17h4",
};

/** A file of the thread: sound and film are played here, everything else is saved. The server says what it is. */
export class FileChip extends Component<Props, { facts?: Facts | null }> {
  private timer: ReturnType<typeof setTimeout> | undefined;

  override componentDidMount(): void {
    void this.ask(1);
  }

  override componentWillUnmount(): void {
    clearTimeout(this.timer);
  }

  private async ask(tried: number): Promise<void> {
    const facts = await factsOf(this.props.src);
    this.setState({ facts });
    if (!facts && tried < MOST_TRIES) this.timer = setTimeout(() => void this.ask(tried + 1), AGAIN_MS);
  }

  render({ name, src }: Props, { facts }: { facts?: Facts | null }) {
    const look = lookOf(facts?.type ?? "");
    return (
      <span class="file">
        <a class="doc" href={src} target="_blank" rel="noopener" download={name}>
          <Icon name={`${PAPER}${MARKS[look] ?? ""}`} />
          <span title={name}>{name}</span> {facts && <small>{sizeOf(facts.bytes)}</small>}
          <Icon name={SAVE} size={16} />
        </a>
        {/* biome-ignore lint/a11y/useMediaCaption: nobody has written down what visitors say */}
        {look === "audio" && <audio controls preload="none" src={src} aria-label={name} />}
        {/* biome-ignore lint/a11y/useMediaCaption: as above */}
        {look === "video" && <video controls preload="metadata" src={src} aria-label={name} />}
      </span>
    );
  }
}
