import type { Mail, MailEntry, MailServer, WeCom, WeComEntry } from "../api/channels";

/** Names of fields that are not in form. */
export type Faults = ReadonlySet<string>;

const forms = {
  telegram: /^[0-9]{3,20}:[A-Za-z0-9_-]{10,100}$/,
  id: /^[A-Za-z0-9_-]{1,64}$/,
  token: /^[A-Za-z0-9]{3,32}$/,
  aesKey: /^[A-Za-z0-9]{43}$/,
  servicer: /^([A-Za-z0-9][A-Za-z0-9_@.-]{0,63})?$/,
  address: /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,180}$/,
  host: /^[A-Za-z0-9.:-]{1,253}$/,
};

/** A token that is left out stays, once there is one. */
export function faultsOfToken(token: string, kept: boolean): Faults {
  return new Set((token === "" && kept) || forms.telegram.test(token) ? [] : ["token"]);
}

export function weComEntryOf(before: WeCom | null): WeComEntry {
  return {
    corp_id: before?.corp_id ?? "",
    open_kfid: before?.open_kfid ?? "",
    welcome: before?.welcome ?? "",
    handoff: before?.handoff ?? "here",
    servicer: before?.servicer ?? "",
    token: "",
    aes_key: "",
    secret: "",
  };
}

/** Secrets may be left out as long as the company is the same. */
export function faultsOfWeCom(entry: WeComEntry, before: WeCom | null): Faults {
  const kept = before !== null && before.corp_id === entry.corp_id;
  const secret = (value: string, form: RegExp) => (value === "" ? kept : form.test(value));
  const right: Readonly<Record<string, boolean>> = {
    corp_id: forms.id.test(entry.corp_id),
    open_kfid: forms.id.test(entry.open_kfid),
    token: secret(entry.token, forms.token),
    aes_key: secret(entry.aes_key, forms.aesKey),
    secret: secret(entry.secret, forms.id),
    servicer: entry.handoff === "here" || forms.servicer.test(entry.servicer),
  };
  return wrong(right);
}

const usual: MailServer = { host: "", port: 993, user: "", safety: "tls" };

export function mailEntryOf(before: Mail | null, locale: "zh-CN" | "en"): MailEntry {
  const server = (known: MailServer | undefined, port: number) => {
    const { host, user, safety, port: its } = known ?? { ...usual, port };
    return { host, user, safety, port: its, password: "" };
  };
  return {
    address: before?.address ?? "",
    name: before?.name ?? "",
    locale: before?.locale ?? locale,
    imap: server(before?.imap, 993),
    smtp: server(before?.smtp, 465),
  };
}

export function faultsOfMail(entry: MailEntry, before: Mail | null): Faults {
  const { imap, smtp } = entry;
  return wrong({
    address: forms.address.test(entry.address),
    "imap.host": forms.host.test(imap.host),
    "imap.port": isPort(imap.port),
    "imap.password": imap.password !== "" || keeps(imap, before?.imap),
    "smtp.host": forms.host.test(smtp.host),
    "smtp.port": isPort(smtp.port),
    "smtp.password": smtp.password !== "" || smtp.user === "" || keeps(smtp, before?.smtp),
  });
}

/** Whether the server knows the password already: a password is never told to another server than it was for. */
export function keeps(entry: MailServer, before: Mail["imap"] | undefined): boolean {
  return (
    before?.has_password === true &&
    (["host", "port", "user", "safety"] as const).every((name) => before[name] === entry[name])
  );
}

/** The port that goes with a way of keeping it safe. */
export function portOf(kind: "imap" | "smtp", safety: MailServer["safety"]): number {
  if (kind === "imap") return safety === "tls" ? 993 : 143;
  return safety === "tls" ? 465 : safety === "starttls" ? 587 : 25;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

function wrong(right: Readonly<Record<string, boolean>>): Faults {
  return new Set(Object.keys(right).filter((name) => !right[name]));
}
