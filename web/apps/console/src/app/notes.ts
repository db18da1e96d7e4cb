let holder: HTMLElement | null = null;

/** Where short notes are told: above everything, a modal dialog that was opened before them too. */
export function placeOfNotes(): HTMLElement {
  if (holder?.isConnected) return holder;
  const made = document.createElement("div");
  made.popover = "manual";
  made.className = "notes";
  document.body.append(made);
  // The last that was shown is on top: a note that comes over a dialog shows the place anew.
  new MutationObserver((changes) => {
    if (!changes.some((one) => one.addedNodes.length > 0)) return;
    const open = made.matches(":popover-open");
    if (open && !document.querySelector("dialog:modal")) return;
    if (open) made.hidePopover();
    made.showPopover();
  }).observe(made, { childList: true, subtree: true });
  holder = made;
  return made;
}
