import { useEffect, useState } from "react";

/** What had the focus when this appeared has it again when this is gone: a drawer that is taken away gives none back. */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      requestAnimationFrame(() => {
        const lost = document.activeElement === document.body || !document.activeElement;
        if (lost && before instanceof HTMLElement && before.isConnected) before.focus();
      });
    },
    [before],
  );
}
