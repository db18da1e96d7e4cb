/** Whether an address may be followed: a page of the web, whatever the server told. */
export function isPage(address: string): boolean {
  try {
    return /^https?:$/.test(new URL(address).protocol);
  } catch {
    return false;
  }
}

/** An address as it is read aloud: without what every address begins with, in letters where they are plain to see. */
export function shortly(address: string): string {
  return legible(address.replace(/^https?:\/\//, "").replace(/\/$/, ""));
}

function legible(encoded: string): string {
  try {
    const text = decodeURI(encoded);
    // What cannot be seen, or turns the reading round, stays encoded.
    return /[\p{C}\p{Z}]/u.test(text) ? encoded : text;
  } catch {
    return encoded;
  }
}

/** `zh-CN` as the reader calls it; as it is where nobody has a word for it. */
export function languageName(code: string, locale: string): string {
  try {
    return new Intl.DisplayNames([locale], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
