import { describe, expect, it } from "vitest";
import type { Mail, WeCom } from "../api/channels";
import { faultsOfMail, faultsOfToken, faultsOfWeCom, mailEntryOf, portOf, weComEntryOf } from "./entries";

const weCom: WeCom = {
  corp_id: "ww1",
  open_kfid: "wk1",
  welcome: "",
  handoff: "here",
  servicer: "",
  callback: "/v1/channels/wecom/i",
  secret_hint: "abcd",
};
const server = {
  host: "mail.example.com",
  port: 993,
  user: "help",
  safety: "tls",
  has_password: true,
} as const;
const mail: Mail = {
  address: "help@example.com",
  name: "",
  locale: "en",
  imap: server,
  smtp: { ...server, port: 465 },
};

describe("an account that is entered", () => {
  it("needs a token the first time and may keep it after that", () => {
    expect([...faultsOfToken("", false)]).toEqual(["token"]);
    expect([...faultsOfToken("", true)]).toEqual([]);
    expect([...faultsOfToken("12345:abc", true)]).toEqual(["token"]);
    expect([...faultsOfToken(`12345:${"A".repeat(35)}`, false)]).toEqual([]);
  });

  it("names every field that is not in form", () => {
    expect([...faultsOfWeCom(weComEntryOf(null), null)]).toEqual([
      "corp_id",
      "open_kfid",
      "token",
      "aes_key",
      "secret",
    ]);
  });

  it("keeps secrets of the same company and of no other", () => {
    expect([...faultsOfWeCom(weComEntryOf(weCom), weCom)]).toEqual([]);
    const moved = { ...weComEntryOf(weCom), corp_id: "ww2" };
    expect([...faultsOfWeCom(moved, weCom)]).toEqual(["token", "aes_key", "secret"]);
  });

  it("keeps a password for the server that it was for, and asks for it for another", () => {
    const entry = mailEntryOf(mail, "zh-CN");
    expect([entry.locale, entry.imap.password]).toEqual(["en", ""]);
    expect([...faultsOfMail(entry, mail)]).toEqual([]);
    const moved = { ...entry, imap: { ...entry.imap, host: "evil.example.com" } };
    expect([...faultsOfMail(moved, mail)]).toEqual(["imap.password"]);
  });

  it("needs no password where nobody signs in to send", () => {
    const entry = { ...mailEntryOf(mail, "en"), smtp: { ...server, user: "", password: "" } };
    expect([...faultsOfMail(entry, mail)]).toEqual([]);
  });

  it("knows the port that goes with TLS", () => {
    expect([portOf("imap", "tls"), portOf("imap", "starttls"), portOf("smtp", "starttls")]).toEqual([
      993, 143, 587,
    ]);
  });
});
