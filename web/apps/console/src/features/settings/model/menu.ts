export interface MenuItem {
  readonly name: string;
  readonly question: string;
  readonly url: string;
}

export interface MenuButton extends MenuItem {
  readonly items: readonly MenuItem[];
}

export type MenuFault = "form" | "many" | "deep" | "bare";

export type ReadMenu =
  | { readonly buttons: readonly MenuButton[] }
  | { readonly fault: MenuFault; readonly line: number };

const mostButtons = 3;
const mostItems = 5;

/** A button a line, `name = what a touch asks` or `name = https://…`; those below one begin with `-`. */
export function readMenu(text: string): ReadMenu {
  const buttons: { name: string; question: string; url: string; items: MenuItem[]; line: number }[] = [];
  for (const [n, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (!line) continue;
    const below = line.startsWith("-");
    const item = itemOf(below ? line.slice(1) : line);
    if (!item) return { fault: "form", line: n + 1 };
    const above = buttons.at(-1);
    if (!below) {
      if (buttons.length === mostButtons) return { fault: "many", line: n + 1 };
      buttons.push({ ...item, items: [], line: n + 1 });
    } else if (!above || above.question || above.url) return { fault: "deep", line: n + 1 };
    else if (above.items.length === mostItems) return { fault: "many", line: n + 1 };
    else if (!item.question && !item.url) return { fault: "bare", line: n + 1 };
    else above.items.push(item);
  }
  const bare = buttons.find((one) => !one.question && !one.url && one.items.length === 0);
  if (bare) return { fault: "bare", line: bare.line };
  return { buttons: buttons.map(({ line: _, ...button }) => button) };
}

export function menuText(buttons: readonly MenuButton[]): string {
  return buttons.flatMap((one) => [lineOf(one), ...one.items.map((item) => `- ${lineOf(item)}`)]).join("\n");
}

const lineOf = ({ name, question, url }: MenuItem): string => {
  const does = url || question;
  return does ? `${name} = ${does}` : name;
};

function itemOf(text: string): MenuItem | null {
  const at = text.search(/[=＝]/);
  const name = (at < 0 ? text : text.slice(0, at)).trim();
  const does = at < 0 ? "" : text.slice(at + 1).trim();
  if (!name || name.length > 20 || (at >= 0 && !does) || does.length > 1000) return null;
  const isUrl = /^https?:\/\/[!-~]+$/.test(does);
  // An address that is not right would be asked as a question.
  if (!isUrl && (does.length > 120 || /^[a-z][a-z0-9+.-]*:\S/i.test(does))) return null;
  return { name, question: isUrl ? "" : does, url: isUrl ? does : "" };
}
