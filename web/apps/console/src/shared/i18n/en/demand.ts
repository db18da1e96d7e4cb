export const demand = {
  "demand.title": "Hot topics",
  "demand.says": "Most asked about: “{title}”, cited by {count} answers.",
  "demand.none": "No answer has cited the knowledge base in this time yet.",
  "demand.new": "new",
  "demand.kept": "Answers from the cache",
  "demand.throttled": "Models' rate limits (429)",
  "demand.of_answers": "of {count} answers",
  "demand.of_calls": "of {count} calls",
} as const;
