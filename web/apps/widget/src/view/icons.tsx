/** One family, 1.5 px stroke. Their names are the labels of the buttons they stand in. */

const PATHS = {
  close: "M6 9.5l6 6 6-6",
  cross: "M7 7l10 10M17 7L7 17",
  fresh: "M4.5 12a7.5 7.5 0 1 0 2.3-5.4M4.5 4.5v3.5h3.5",
  compose:
    "M12.5 5H7a2.5 2.5 0 0 0-2.5 2.5V17A2.5 2.5 0 0 0 7 19.5h9.5A2.5 2.5 0 0 0 19 17v-5.5M10 14l.6-2.8L18 3.8l2.2 2.2-7.4 7.4z",
  send: "M12 19V5.5M6 11l6-6 6 6",
  stop: "M8 8h8v8H8z",
  person: "M12 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 19.5c.6-3.5 3.4-5.5 7-5.5s6.4 2 7 5.5",
  good: "M7.5 11v8.5H5V11zM7.5 11l4-7c1.3 0 2.1 1 1.9 2.3L13 9.5h4.6c1.2 0 2 1.1 1.7 2.2l-1.7 6.2c-.2.9-1 1.6-2 1.6H7.5",
  down: "M12 5v13.5M6 13l6 6 6-6",
  check: "M6 12.5l4 4 8-9",
} as const;

type IconName = keyof typeof PATHS;

/** By name, or by its own path. */
export function Icon({ name, size = 20 }: { name: IconName | `M${string}`; size?: number }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name as IconName] ?? name} />
    </svg>
  );
}

/** The assistant's sign: a spark, so that nobody takes it for a face. */
export function Spark({ size = 16 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="currentColor" aria-hidden="true">
      <path d="M12 3c.7 5 3 7.8 9 9-6 1.2-8.3 4-9 9-.7-5-3-7.8-9-9 6-1.2 8.3-4 9-9z" />
    </svg>
  );
}
