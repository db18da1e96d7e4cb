/** The public methods that need the app: one plain table. */

import type { Options } from "./shell";
import type { Card, Visit } from "./visit";
import { nearest, wordsFor } from "./words";

// biome-ignore lint/suspicious/noExplicitAny: each method says itself what it takes from the page
type Method = (...args: any[]) => unknown;
type Values = Record<string, unknown>;

interface Door {
  open(): void;
  close(): void;
}

export function methodsOf(visit: Visit, { open, close }: Door): Record<string, Method> {
  const show = (hidden: boolean): void => visit.show({ hidden });
  const card = (kind: Card["kind"], thing: Values | null): void =>
    visit.show({ card: thing && cardOf(kind, thing) });
  const know = (facts: Values): void => void Object.assign(visit.context, facts);
  return {
    open,
    close,
    toggle: () => (visit.scene.open ? close() : open()),
    show: () => show(false),
    hide: () => {
      close();
      show(true);
    },
    update: (options: Partial<Options>) => update(visit, options),
    newMessage: (text = "") => {
      visit.write(String(text));
      open();
    },
    ask: (text: string) => {
      open();
      return visit.say(String(text));
    },
    identify: (_who: Values, { token }: { token: string }) => visit.identify(token),
    logout: () => visit.logout(),
    set: (values: Values) => know(values),
    unset: (name: string) => know({ [name]: undefined }),
    tag: (name: string) => know({ [`tag:${name}`]: true }),
    untag: (name: string) => know({ [`tag:${name}`]: undefined }),
    track: (event: string, values: Values = {}) => know({ [`event:${event}`]: values }),
    product: (thing: Values | null) => card("product", thing),
    order: (thing: Values | null) => card("order", thing),
  };
}

async function update(visit: Visit, { locale, theme, position, bubble }: Partial<Options>): Promise<void> {
  const { host } = visit.shell;
  if (theme) host.dataset.theme = theme;
  if (position) host.dataset.position = position;
  if (bubble) visit.show({ hidden: bubble === "off" });
  if (locale) await visit.relocate(await wordsFor(nearest(locale)));
}

/** A product or an order, whichever of the usual names the page gives its parts. */
function cardOf(kind: Card["kind"], thing: Values): Card {
  const text = (...names: string[]): string => {
    const found = names.map((name) => thing[name]).find((value) => value !== undefined && value !== null);
    return found === undefined ? "" : String(found).slice(0, 120);
  };
  const image = text("image");
  return {
    kind,
    title: text("title", "name", "number", "id"),
    note: text("price", "status", "note"),
    image: /^(https?:\/\/|\/)/.test(image) ? image : "",
  };
}
