import type { Call, Habits } from "../../../shared/prefs/habits";
import type { Prefs } from "../../../shared/prefs/prefs";

/** What a call does here: the browser has to allow it, and its owner to want it for calls of this kind. */
export function answerTo(
  call: Call,
  habits: Pick<Habits, "sounds" | "notices" | "sound_when_looking">,
  prefs: Pick<Prefs, "sound" | "notices">,
  watched: boolean,
): { readonly ring: boolean; readonly notice: boolean } {
  const quiet = watched && !habits.sound_when_looking;
  return {
    ring: prefs.sound && habits.sounds.includes(call) && !quiet,
    notice: prefs.notices && habits.notices.includes(call) && !watched,
  };
}
