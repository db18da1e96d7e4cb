/** Whether an address may be followed: a page of the web, whatever the server told. */
export function isPage(address: string): boolean {
  try {
    return /^https?:$/.test(new URL(address).protocol);
  } catch {
    return false;
  }
}

/** An address as it is read aloud: without what every address begins with. */
export const shortly = (address: string): string => address.replace(/^https?:\/\//, "").replace(/\/$/, "");

/** `zh-CN` as the reader calls it; as it is where nobody has a word for it. */
export function languageName(code: string, locale: string): string {
  try {
    return new Intl.DisplayNames([locale], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
