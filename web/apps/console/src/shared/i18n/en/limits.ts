export const limits = {
  "list.narrow.vip": "Served sooner",
  "limits.title": "Limits",
  "limits.about":
    "Left empty, the installation's value holds. They can be tighter and not wider: that value guards all companies. A change holds at once, on other nodes within two seconds.",
  "limits.visitors": "Each visitor",
  "limits.company": "The whole company",
  "limits.people": "When a person is called",
  "limits.visitor_messages_per_minute": "Messages a minute",
  "limits.visitor_messages_per_minute.then":
    "Beyond that this visitor is asked to wait; the message is not stored and can be sent again in a moment.",
  "limits.visitor_burst": "Messages at once",
  "limits.visitor_burst.then": "After so many in a row, more are let in at the pace above.",
  "limits.visitor_pictures_per_minute": "Pictures and files a minute",
  "limits.visitor_pictures_per_minute.then": "Beyond that the next one has to wait a moment.",
  "limits.message_bytes": "Longest message that the assistant reads (bytes)",
  "limits.message_bytes.then":
    "A Chinese character takes 3. Of a longer one the assistant asks to have it in parts; people get it as it is.",
  "limits.tenant_messages_per_minute": "Messages a minute",
  "limits.tenant_messages_per_minute.then":
    "Of all visitors and programs together. Beyond that everybody waits a moment; nothing is lost.",
  "limits.tenant_burst": "Messages at once",
  "limits.tenant_burst.then": "After so many in a rush, more are let in at the pace above.",
  "limits.tenant_pictures_per_minute": "Pictures and files a minute",
  "limits.tenant_pictures_per_minute.then":
    "Of all visitors together. Beyond that the next one waits a moment.",
  "limits.handoff_unanswered": "Questions in a row without an answer",
  "limits.handoff_unanswered.then":
    "Then the conversation goes to people, and the visitor waits in line. 0: never.",
  "limits.handoff_upset": "Upset messages among the last three",
  "limits.handoff_upset.then": "Then the conversation goes to people. 0: never.",
  "limits.handoff_turns": "Answers of the assistant in a row",
  "limits.handoff_turns.then":
    "Then the conversation goes to people, so that it does not go in circles. 0: never.",
  "limits.handoff_tool_failure": "Call a person when a tool breaks",
  "limits.handoff_tool_failure.then": "When a tool failed in a turn, and the turn had to do without it.",
  "limits.as_installed": "The installation's value: {value}",
  "limits.own": "Your own · the installation's is {value}",
  "limits.back": "Back to the installation's",
  "limits.back_of": "Back to the installation's: {name}",
  "limits.range": "A whole number from {least} to {most}.",
  "limits.on": "yes",
  "limits.off": "no",
  "limits.saved": "Saved. It holds from the next message on.",
  "limits.newer": "A colleague has just changed these limits.",
  "limits.reload": "Show the newest",
  "problem.limit_above_installation": "That is more than the installation allows.",
  "problem.limits_changed": "A colleague has just changed these limits.",
} as const;
