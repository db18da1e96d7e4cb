/** How the widget is to look on a page; what is left as it is stays out of the embed code. */
export interface Looks {
  readonly locale: "" | "zh-CN" | "en";
  readonly theme: "" | "light" | "dark";
  readonly position: "" | "left";
}

export const asGiven: Looks = { locale: "", theme: "", position: "" };

/** The one line that puts the widget on a page. */
export function embedCode(origin: string, siteKey: string, looks: Looks = asGiven): string {
  return `<script async src="${origin}/widget.js" data-site="${siteKey}"${optionsOf(looks)}></script>`;
}

/** The page without a site of one's own: for a QR code, a menu, an e-mail. */
export function pageOf(origin: string, siteKey: string): string {
  return `${origin}/c/${siteKey}`;
}

/** A page with nothing but the widget, for a frame: what it says of itself comes from the very same code. */
export function previewOf(siteKey: string, looks: Looks, lang: string): string {
  const script = `<script async src="/widget.js" data-site="${siteKey}"${optionsOf(looks)}></script>`;
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${siteKey}</title>`;
  return `<!doctype html><html lang="${looks.locale || lang}"><head>${head}</head><body>${script}</body></html>`;
}

function optionsOf(looks: Looks): string {
  const named = Object.entries(looks).filter(([, value]) => value !== "");
  return named.map(([name, value]) => ` data-${name}="${value}"`).join("");
}
