import type { Citation, Passage } from "@miaohui/protocol";
import { circled } from "@miaohui/ui/prose";
import { useEffect, useRef, useState } from "preact/hooks";
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
export function Source({ citation, words, read, close }: Props) {
  const [passage, setPassage] = useState<Passage | null>(null);
  const [failed, setFailed] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    let current = true;
    setPassage(null);
    setFailed(false);
    button.current?.focus();
    read(citation.chunk_id).then(
      (one) => current && setPassage(one),
      () => current && setFailed(true),
    );
    return () => {
      current = false;
    };
  }, [citation.chunk_id]);
  const heading = passage?.heading || citation.heading;
  return (
    <div class="sheet" role="dialog" aria-label={words.say("source.title")}>
      <div class="sheet-head">
        <span class="quiet">
          {words.say("source.title")} {circled(citation.n)}
        </span>
        <button ref={button} type="button" class="icon" aria-label={words.say("source.close")} onClick={close}>
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
