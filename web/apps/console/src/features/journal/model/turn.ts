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
  readonly reason: string;
  readonly route: string;
  readonly startedAt: number;
  readonly stages: readonly Stage[];
}

export interface Bar {
  readonly stage: Stage;
  /** Share of the whole, 0 to 1. */
  readonly from: number;
  readonly width: number;
  /** Where the stage's time is up, if that lies within the whole. */
  readonly deadline: number | null;
}

/** Recall never takes longer: what has not come by then is done without. */
const deadlinesMs: Readonly<Record<string, number>> = { recall_and_retrieve: 200 };

/** From the first moment to the last, whichever stage ends last. */
export function totalMs(turn: Turn): number {
  return turn.stages.reduce((end, one) => Math.max(end, one.atMs + one.tookMs), 0);
}

/** The waterfall: where each stage stands in the whole, in the order in which they began. */
export function bars(turn: Turn): Bar[] {
  const whole = totalMs(turn) || 1;
  return [...turn.stages]
    .sort((a, b) => a.atMs - b.atMs)
    .map((stage) => ({
      stage,
      from: stage.atMs / whole,
      width: stage.tookMs / whole,
      deadline: deadlineOf(stage, whole),
    }));
}

function deadlineOf(stage: Stage, whole: number): number | null {
  const at = stage.atMs + (deadlinesMs[stage.name] ?? Number.POSITIVE_INFINITY);
  return at <= whole ? at / whole : null;
}

/** What one asks first of a turn: the numbers of all its stages in one line, each that is known. */
export interface Sum {
  readonly firstMs: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export function sumOf(turn: Turn): Sum {
  const all = turn.stages.map((one) => one.facts);
  const most = (name: string) => Math.max(0, ...all.map((facts) => Number(facts[name] ?? 0) || 0));
  const stream = turn.stages.find((one) => one.name === "stream");
  const first = Number(stream?.facts.first_content_ms);
  return {
    firstMs: stream && Number.isFinite(first) ? stream.atMs + first : null,
    inputTokens: most("input_tokens"),
    outputTokens: most("output_tokens"),
  };
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
