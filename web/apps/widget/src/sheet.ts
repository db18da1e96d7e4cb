/** Styles by constructed sheets where that works, so that a strict content security policy does not matter. */
export function wear(root: ShadowRoot, css: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    const element = document.createElement("style");
    element.textContent = css;
    root.append(element);
  }
}
