import { useEffect, useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { line } from "../../../shared/realtime/line";
import { useMyId } from "../../../shared/session/session";
import { tellLooking } from "../api/translation";
import { isNew, type LookingFrame, repeatMs, seen, still, type Viewer } from "../model/viewers";

/** Which colleagues have the same conversation open; they see me in theirs. */
export function Viewers({ id }: { readonly id: string }) {
  const t = useT();
  const viewers = useViewers(id);
  const [first] = viewers;
  if (!first) return null;
  const count = viewers.length;
  return (
    <span data-viewers={count}>
      {t(count > 1 ? "viewers.many" : "viewers.one", { name: first.name, count })}
    </span>
  );
}

function useViewers(id: string): readonly Viewer[] {
  const myId = useMyId();
  const [viewers, setViewers] = useState<readonly Viewer[]>([]);
  useEffect(() => {
    let known: readonly Viewer[] = [];
    const show = (next: readonly Viewer[]) => {
      known = next;
      setViewers(next);
    };
    const tell = (on: boolean) => {
      // Best effort: who misses it is told again soon.
      if (document.visibilityState === "visible" || !on) void tellLooking(id, on).catch(() => undefined);
    };
    const forget = line.onViewers(id, (told: object) => {
      const frame = told as LookingFrame;
      if (isNew(known, frame, myId)) tell(true);
      show(seen(known, frame, myId, Date.now()));
    });
    const again = () => tell(document.visibilityState === "visible");
    const timer = setInterval(() => {
      tell(true);
      show(still(known, Date.now()));
    }, repeatMs);
    document.addEventListener("visibilitychange", again);
    tell(true);
    return () => {
      forget();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
      tell(false);
      setViewers([]);
    };
  }, [id, myId]);
  return viewers;
}
