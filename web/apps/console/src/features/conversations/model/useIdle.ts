import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useEffect } from "react";
import { t } from "../../../shared/i18n/i18n";
import { habits } from "../../../shared/prefs/habits";
import { useStore } from "../../../shared/store";
import { getPresence, setPresence } from "../api/desk";
import { type Sitting, stepOf } from "./idle";

const touched = "miaohui.console.touched";
const left = "miaohui.console.left";
const everyMs = 15_000;
const noteMs = 5_000;

/** Mounted once: away when nothing was touched in any window for as long as one said, and back with the first touch. */
export function useIdle(): void {
  const client = useQueryClient();
  const { message } = App.useApp();
  const { away_after_minutes: minutes } = useStore(habits);
  const me = useQuery({
    queryKey: ["presence"],
    queryFn: ({ signal }) => getPresence(signal),
    enabled: minutes > 0,
  });
  const presence = me.data?.presence ?? "";
  useEffect(() => {
    if (minutes === 0) return;
    let noted = 0;
    let busy = false;
    const look = async () => {
      const sitting: Sitting = { presence, leftByItself: read(left) > 0, touchedAt: read(touched) };
      const step = stepOf(sitting, minutes, Date.now());
      if (!step || busy) return;
      busy = true;
      write(left, step === "leave" ? Date.now() : 0);
      try {
        client.setQueryData(["presence"], await setPresence(step === "leave" ? "away" : "online"));
        void client.invalidateQueries({ queryKey: ["agents"] });
        void message.info(t(step === "leave" ? "idle.left" : "idle.back"));
      } catch {
        // Another look follows.
      } finally {
        busy = false;
      }
    };
    const touch = () => {
      if (Date.now() - noted < noteMs) return;
      noted = Date.now();
      write(touched, noted);
      if (presence === "away") void look();
    };
    touch();
    const timer = setInterval(() => void look(), everyMs);
    for (const name of ["pointerdown", "pointermove", "keydown"]) addEventListener(name, touch);
    return () => {
      clearInterval(timer);
      for (const name of ["pointerdown", "pointermove", "keydown"]) removeEventListener(name, touch);
    };
  }, [client, message, minutes, presence]);
}

/** One chose a state: whatever it is, it is not because one left. */
export const chosen = (): void => write(left, 0);

function read(name: string): number {
  try {
    return Number(localStorage.getItem(name) ?? 0);
  } catch {
    return Date.now();
  }
}

function write(name: string, value: number): void {
  try {
    localStorage.setItem(name, String(value));
  } catch {
    // Without storage nobody is away by themselves.
  }
}
