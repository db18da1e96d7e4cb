import type { Locale } from "@miaohui/client";
import type { Card, Visit } from "../visit";
import type { Words } from "../words";
import { Icon } from "./icons";

const DETACH: Record<Locale, string> = { "zh-CN": "不带上这件", en: "Leave this out" };

/** The product or order that goes with the next words. */
export function Attached({ card, words, visit }: { card: Card; words: Words; visit: Visit }) {
  return (
    <div class="card">
      {card.image && <img src={card.image} alt="" width="40" height="40" />}
      <span class="card-text">
        <span class="quiet">{words.say(`composer.${card.kind}`)}</span>
        <b>{card.title}</b>
        {card.note && <span class="quiet">{card.note}</span>}
      </span>
      <button
        type="button"
        class="icon"
        aria-label={DETACH[words.locale]}
        onClick={() => visit.show({ card: null })}
      >
        <Icon name="cross" />
      </button>
    </div>
  );
}
