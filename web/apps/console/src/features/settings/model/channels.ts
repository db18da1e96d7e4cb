import { hasWord, type Translate } from "../../../shared/i18n/i18n";

/** What a kind of door is called; one that this page does not know keeps the server's name. */
export function channelName(channel: string, t: Translate): string {
  const word = `inboxes.${channel}`;
  return hasWord(word) ? t(word) : channel;
}
