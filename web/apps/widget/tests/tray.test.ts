import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EMPTY, type State } from "../../../packages/conversation/src/state";
import { Tray } from "../src/pictures/tray";
import { shareOf, textOf } from "../src/pictures/types";
import type { Scene, Visit } from "../src/visit";

const shelves = vi.hoisted(() => ({ kept: new Map<string, unknown>() }));
vi.mock("../src/pictures/kept", () => ({
  recall: async (key: string) => shelves.kept.get(key),
  keep: async (key: string, value: unknown) => void shelves.kept.set(key, value),
  forget: async (key: string) => void shelves.kept.delete(key),
}));

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3, 4, 5, 6, 7, 8]);
const png = (name: string) => new File([PNG], name, { type: "image/png" });
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Answers uploads when told to, and remembers their keys. */
class Server {
  keys: string[] = [];
  private waiting: ((answer: Response | Error) => void)[] = [];

  fetch = (
    _url: string,
    init: { headers: Record<string, string>; signal: AbortSignal },
  ): Promise<Response> => {
    this.keys.push(init.headers["idempotency-key"] ?? "");
    return new Promise((resolve, reject) => {
      init.signal.addEventListener("abort", () => reject(init.signal.reason));
      this.waiting.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  };

  async take(url: string, name = ""): Promise<void> {
    await this.asked();
    const sent = { id: "1", url, type: "image/png", name };
    this.waiting.shift()?.(new Response(JSON.stringify(sent), { status: 201 }));
    await turn();
  }

  async refuse(status: number, code: string): Promise<void> {
    await this.asked();
    this.waiting.shift()?.(new Response(JSON.stringify({ code, status, title: "" }), { status }));
    await turn();
  }

  private asked(): Promise<void> {
    return vi.waitFor(() => expect(this.waiting).not.toHaveLength(0));
  }
}

class Window {
  said: [string, string][] = [];
  marks: Record<string, string> = {};
  carry: Visit["carry"] = () => false;
  server = { base: "https://s.example", token: "t" };
  shell = { options: { base: "https://s.example", site: "site_1" } };
  scene: Pick<Scene, "session" | "talk" | "laden">;
  private watchers: (() => void)[] = [];

  constructor(contact: string, talk: Partial<State> = {}) {
    const inbox = { pictures: true, files: true, file_types: ["pdf"] };
    const session = { contact: { id: contact }, inbox } as Scene["session"];
    this.scene = { session, talk: { ...EMPTY, conv: "c1", link: "online", ...talk }, laden: false };
  }

  enter = async (): Promise<void> => undefined;
  watch = (watcher: () => void): void => void this.watchers.push(watcher);
  mark = (name: string, value: string): void => {
    this.marks[name] = value;
  };
  post = (text: string, cmid: string): string => {
    this.said.push([text, cmid]);
    return cmid;
  };
  show = (change: Partial<Scene>): void => {
    this.scene = { ...this.scene, ...change };
    for (const watcher of this.watchers) watcher();
  };
}

const trayIn = (window: Window): Tray => new Tray(window as unknown as Visit);

let server: Server;
beforeEach(() => {
  server = new Server();
  shelves.kept.clear();
  vi.stubGlobal("fetch", server.fetch);
  vi.stubGlobal("Image", class {});
});
afterEach(() => vi.unstubAllGlobals());

describe("pictures with words", () => {
  it("go as one message once the last of them is there", async () => {
    const window = new Window("ann");
    const tray = trayIn(window);
    await tray.add([png("a.png"), png("b.png")]);
    expect(window.scene.laden).toBe(true);
    expect(window.carry("请看", "\n▸ 订单 1")).toBe(true);
    expect([window.scene.laden, tray.pictures.length, tray.parcels.length]).toEqual([false, 0, 1]);
    await server.take("/v1/media/med_a");
    expect(window.said).toEqual([]);
    await server.take("/v1/media/med_b");
    expect(window.said.map(([text]) => text)).toEqual([
      "请看\n![a.png](/v1/media/med_a)\n![b.png](/v1/media/med_b)\n▸ 订单 1",
    ]);
    expect(tray.parcels).toEqual([]);
    await turn();
    expect([shelves.kept.size, window.marks.pictures]).toEqual([0, ""]);
  });

  it("leave words without pictures to whoever sends words", () => {
    const window = new Window("ann");
    trayIn(window);
    expect(window.carry("请看", "")).toBe(false);
  });

  it("that are taken out again are not sent, and their upload ends", async () => {
    const window = new Window("ann");
    const tray = trayIn(window);
    await tray.add([png("a.png")]);
    tray.remove(tray.pictures[0]?.id ?? "");
    await turn();
    expect([tray.pictures, window.carry("x", "")]).toEqual([[], false]);
  });

  it("stand beside files, which are called as the server says and shown by no preview", async () => {
    const window = new Window("ann");
    const tray = trayIn(window);
    await tray.add([new File(["%PDF-1.7"], "发票.pdf")]);
    expect(tray.pictures[0]).toMatchObject({ name: "发票.pdf", preview: "", state: "sending" });
    window.carry("请看", "");
    await server.take("/v1/media/med_f", "发票.exe.pdf");
    expect(window.said.map(([text]) => text)).toEqual(["请看\n[发票.exe.pdf](/v1/media/med_f)"]);
  });

  it("of kinds that are not taken here are refused by name", async () => {
    const window = new Window("ann");
    const tray = trayIn(window);
    await tray.add([new File(["PK"], "a.docx"), new File([], "b.pdf")]);
    expect(tray.refused.map((one) => one.why)).toEqual(["type", "empty"]);
    expect(tray.pictures).toEqual([]);
  });

  it("beyond nine, and what is no picture, are refused by name", async () => {
    const tray = trayIn(new Window("ann"));
    const many = Array.from({ length: 10 }, (_, n) => png(`${n}.png`));
    await tray.add([new File(["<svg>"], "x.png"), ...many]);
    expect(tray.refused).toEqual([
      { name: "x.png", why: "type" },
      { name: "9.png", why: "many" },
    ]);
    expect(tray.pictures).toHaveLength(9);
  });
});

describe("an upload that fails", () => {
  it("keeps the message and is tried again under the same key", async () => {
    const window = new Window("ann");
    const tray = trayIn(window);
    await tray.add([png("a.png")]);
    window.carry("请看", "");
    await server.refuse(403, "pictures_off");
    const [parcel] = tray.parcels;
    expect(parcel?.pictures[0]).toMatchObject({ state: "failed", code: "pictures_off" });
    tray.retry(parcel?.cmid ?? "");
    await turn();
    await server.take("/v1/media/med_a");
    expect(window.said).toEqual([["请看\n![a.png](/v1/media/med_a)", parcel?.cmid]]);
    expect(new Set(server.keys).size).toBe(1);
  });

  it("does not hold up the message after it, while one under way does", async () => {
    const window = new Window("ann");
    const tray = trayIn(window);
    await tray.add([png("a.png")]);
    window.carry("一", "");
    await tray.add([png("b.png")]);
    window.carry("二", "");
    await server.refuse(422, "invalid");
    await server.take("/v1/media/med_b");
    expect(window.said.map(([text]) => text)).toEqual(["二\n![b.png](/v1/media/med_b)"]);
    await tray.add([png("c.png")]);
    window.carry("三", "");
    tray.retry(tray.parcels[0]?.cmid ?? "");
    await server.take("/v1/media/med_c");
    expect(window.said).toHaveLength(1);
    await server.take("/v1/media/med_a");
    expect(window.said.slice(1).map(([text]) => text[0])).toEqual(["一", "三"]);
  });
});

describe("a page that is left", () => {
  const left = async (contact: string): Promise<string> => {
    const window = new Window(contact);
    const tray = trayIn(window);
    await tray.add([png("a.png")]);
    window.carry("请看", "");
    await turn();
    return tray.parcels[0]?.cmid ?? "";
  };

  it("is taken up by the next one: same upload, same client id", async () => {
    const cmid = await left("ann");
    const window = new Window("ann");
    trayIn(window);
    await turn();
    await server.take("/v1/media/med_a");
    await server.take("/v1/media/med_a");
    expect(window.said).toEqual([["请看\n![a.png](/v1/media/med_a)", cmid]]);
    expect(new Set(server.keys).size).toBe(1);
  });

  it("sends nothing again that stands in the conversation", async () => {
    const cmid = await left("ann");
    const window = new Window("ann", { messages: [{ cmid } as State["messages"][number]] });
    const tray = trayIn(window);
    await turn();
    expect([tray.parcels, window.said]).toEqual([[], []]);
  });

  it("gives nothing of it to another visitor of the same browser", async () => {
    await left("ann");
    const window = new Window("ben");
    const tray = trayIn(window);
    await turn();
    expect([tray.parcels, tray.pictures, shelves.kept.size]).toEqual([[], [], 0]);
  });
});

it("another conversation, or another visitor, begins with nothing", async () => {
  const window = new Window("ann");
  const tray = trayIn(window);
  await tray.add([png("a.png")]);
  window.show({ talk: { ...EMPTY, link: "online" } });
  expect(tray.pictures).toEqual([]);
  await tray.add([png("b.png")]);
  window.show({ session: { ...window.scene.session, contact: { id: "ben" } } as Scene["session"] });
  expect(tray.pictures).toEqual([]);
});

it("how much has gone is counted in bytes", () => {
  const part = {
    name: "x",
    id: "1",
    preview: "blob:1",
    state: "sending" as const,
    url: "/v1/media/med_1",
    code: "",
  };
  const pictures = [
    { ...part, file: new Blob(["123"]), share: 1 },
    { ...part, file: new Blob(["1"]), share: 0 },
  ];
  expect([shareOf({ pictures }), shareOf({ pictures: [] })]).toEqual([0.75, 0]);
  expect(textOf({ cmid: "c", words: "", below: "", pictures: pictures.slice(1) })).toBe(
    "![x](/v1/media/med_1)",
  );
});
