/**
 * Tells which page the visitor is on, where the inbox wants to know. Nothing that looks like a secret leaves the page.
 * Fetched once there is a session.
 */

import type { Visit } from "./visit";

const EVERY_MS = 2_000;
const AGAIN_MS = 30_000;
const LONGEST = 1_000;
const HIDDEN = "*";
const SECRET_NAME =
  /token|secret|passw|session|sessid|signature|apikey|(?:^|[^a-z])(?:pwd|pass|auth|authorization|key|code|sid|sig|sign|jwt|otp|pin|hash|nonce|ticket|e?mail|phone|mobile|tel)(?:[^a-z]|$)/;
const SECRET_VALUE = /@|^eyJ|^(?=[^\d]*\d)[\w.~+/=-]{24,}$|^\+?\d[\d -]{9,}$/;
const SECRET_SEGMENT = /^(?=\D*\d)[\w.~=-]{24,}$|^eyJ|@|%40/;

const isSecret = (name: string, value: string): boolean =>
  SECRET_NAME.test(name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase()) || SECRET_VALUE.test(value);

/** Origin, path and harmless parameters; "" for what is no page of the web. */
export function cleanUrl(address: string): string {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return "";
  }
  if (!/^https?:$/.test(url.protocol)) return "";
  const path = url.pathname
    .split("/")
    .map((one) => (SECRET_SEGMENT.test(one) ? HIDDEN : one))
    .join("/");
  const kept = [...url.searchParams].filter(([name, value]) => !isSecret(name, value));
  const query = kept.length > 0 ? `?${new URLSearchParams(kept)}` : "";
  const whole = url.origin + path;
  return whole.length + query.length <= LONGEST ? whole + query : whole.slice(0, LONGEST);
}

/** Looks every two seconds whether the visitor moved, while the page is seen; says so only then. */
export function follow({ server, shell }: Visit): void {
  const { token } = server;
  let told = "";
  let quietUntil = 0;
  const timer = setInterval(() => void look(), EVERY_MS);

  const look = async (): Promise<void> => {
    if (server.token !== token || !shell.host.isConnected) return clearInterval(timer);
    const page = { url: cleanUrl(location.href), title: document.title.slice(0, 200) };
    const now = page.url + page.title;
    if (document.hidden || now === told || !page.url || Date.now() < quietUntil) return;
    const before = told;
    told = now;
    const referrer = before ? "" : cleanUrl(document.referrer);
    const answer = await fetch(`${server.base}/v1/widget/page`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      body: JSON.stringify({ ...page, referrer }),
    }).catch(() => null);
    if (answer?.ok) return;
    told = before;
    quietUntil = Date.now() + AGAIN_MS;
    // Nobody wants to know any more, or the visitor is somebody else now.
    if (answer && (answer.status === 403 || answer.status === 401)) clearInterval(timer);
  };
  void look();
}
