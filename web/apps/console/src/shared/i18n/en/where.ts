export const where = {
  "where.label": "Where the visitor is",
  "where.title": "Page",
  "where.since": "since {time}",
  "where.from": "From",
  "where.with": "With",
  "where.opens": "{page} (opens in a new tab)",
} as const;
