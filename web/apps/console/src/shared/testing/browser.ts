// The few things of a browser that the models touch; everything else that they might want is a fault.
import { vi } from "vitest";

const stored = new Map<string, string>();
const storage = {
  getItem: (name: string) => stored.get(name) ?? null,
  setItem: (name: string, value: string) => void stored.set(name, value),
  removeItem: (name: string) => void stored.delete(name),
};

vi.stubGlobal("window", new EventTarget());
vi.stubGlobal("navigator", { language: "zh-CN", onLine: true, userAgent: "" });
vi.stubGlobal("location", { protocol: "https:", host: "desk.example" });
vi.stubGlobal("document", { documentElement: { lang: "" } });
vi.stubGlobal("localStorage", storage);
vi.stubGlobal("sessionStorage", storage);
