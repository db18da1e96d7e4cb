export const strain = {
  "strain.load": "Load",
  "strain.none": "all as usual",
  "strain.since": "since {time}",
  "strain.short.none": "Normal",
  "strain.short.small": "Eased",
  "strain.short.leave": "Messages",
  "strain.short.refuse": "Paused",
  "strain.small": "Very many ask: kept answers come first, a small model gives the rest.",
  "strain.small_route": "Very many ask: kept answers come first, “{route}” gives the rest.",
  "strain.leave":
    "Very many ask: visitors read that their question is kept and a colleague will answer; it goes to people.",
  "strain.refuse":
    "Very many ask: new messages are not taken just now; visitors' windows send them again by themselves.",
  "strain.why.turns": "too many answers at once",
  "strain.why.lag": "the server does not keep up",
  "strain.nodes": "{count} nodes",
  "strain.notice": "Visitors read the notice “{text}”",
  "strain.label": "Overload",
  "problem.pages_off": "Nobody wants to know the page here.",
} as const;
