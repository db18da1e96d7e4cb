const gapPx = 4;
const marginPx = 8;

/** Puts a floating panel below what it belongs to; above where there is more room, and never off the screen. */
export function floatBelow(panel: HTMLElement, anchor: Element): void {
  const at = anchor.getBoundingClientRect();
  const size = panel.getBoundingClientRect();
  const below = innerHeight - at.bottom - gapPx - marginPx;
  const above = at.top - gapPx - marginPx;
  const up = below < size.height && above > below;
  const wanted = at.left + size.width > innerWidth - marginPx ? at.right - size.width : at.left;
  panel.style.maxBlockSize = `${Math.max(120, up ? above : below)}px`;
  const height = Math.min(size.height, up ? above : below);
  panel.style.insetBlockStart = `${up ? at.top - gapPx - height : at.bottom + gapPx}px`;
  panel.style.insetInlineStart = `${Math.max(marginPx, Math.min(wanted, innerWidth - size.width - marginPx))}px`;
}
