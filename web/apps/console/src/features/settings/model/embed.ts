/** The one line that puts the widget on a page. */
export function embedCode(origin: string, siteKey: string): string {
  return `<script async src="${origin}/widget.js" data-site="${siteKey}"></script>`;
}
