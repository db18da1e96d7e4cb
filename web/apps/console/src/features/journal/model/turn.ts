export interface Stage {
  readonly name: string;
  /** Since the turn began. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Turn {
  readonly id: string;
  readonly outcome: string;
  readonly startedAt: number;
  readonly stages: readonly Stage[];
}

export interface Bar {
  readonly stage: Stage;
  /** Share of the whole, 0 to 1. */
  readonly from: number;
  readonly width: number;
}

/** From the first moment to the last, whichever stage ends last. */
export function totalMs(turn: Turn): number {
  return turn.stages.reduce((end, one) => Math.max(end, one.atMs + one.tookMs), 0);
}

/** The waterfall: where each stage stands in the whole, in the order in which they began. */
export function bars(turn: Turn): Bar[] {
  const whole = totalMs(turn) || 1;
  return [...turn.stages]
    .sort((a, b) => a.atMs - b.atMs)
    .map((stage) => ({ stage, from: stage.atMs / whole, width: stage.tookMs / whole }));
}

/** `0.4 ms`, `212 ms`, `1.82 s`. */
export function took(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 0.05) return "< 0.1 ms";
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** A fact as words: lists joined, numbers short. Yes and no are the caller's to say. */
export function factText(value: unknown): string {
  if (Array.isArray(value)) return value.map(factText).join(" · ");
  if (typeof value === "number") return String(Number(value.toFixed(3)));
  return String(value);
}

export interface Found {
  readonly chunkId: string;
  readonly score: string;
  readonly title: string;
}

/** The journal notes a passage as `chunk score title`. */
export function readPassages(value: unknown): Found[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => {
    const [, chunkId, score, title] = /^(\S+) ([\d.-]+) (.*)$/s.exec(String(one)) ?? [];
    return chunkId && score ? [{ chunkId, score, title: title || chunkId }] : [];
  });
}

/** What says nothing is not shown. */
export function facts(stage: Stage): [string, unknown][] {
  return Object.entries(stage.facts).filter(([, value]) => {
    if (value === "" || value === null) return false;
    return !Array.isArray(value) || value.length > 0;
  });
}
