import type { Day, Route } from "../api/engines";

/** A route that is asked, of the company's own, without a price or a limit. */
export const route = (more: Partial<Route> = {}): Route => ({
  name: "fast",
  origin: "own",
  enabled: true,
  provider: "deepseek",
  base_url: "https://api.example.com/v1",
  model: "chat",
  tier: "primary",
  weight: 1,
  price_in: 0,
  price_cached: null,
  price_out: 0,
  price_version: "",
  rpm: 0,
  tpm: 0,
  slots: 0,
  window_tokens: 0,
  capabilities: [],
  api_version: "",
  temperature: null,
  connect_ms: 1000,
  first_content_ms: 5000,
  idle_ms: 10_000,
  total_ms: 60_000,
  keys: [],
  ...more,
});

/** The same with all that an owner sets. */
export const priced = route({
  weight: 3,
  price_in: 1_500_000,
  price_out: 2_000_000,
  price_version: "2026-11-01",
  rpm: 60,
  capabilities: ["tools"],
  keys: [{ id: "k1", account: "", state: "active", hint: "9876" }],
});

/** What one route did on one day. */
export const day = (more: Partial<Day> = {}): Day => ({
  day: "2026-11-21",
  route: "fast",
  outcome: "winner",
  attempts: 3,
  input_tokens: 1,
  output_tokens: 1,
  cost_micro: 1200,
  ...more,
});
