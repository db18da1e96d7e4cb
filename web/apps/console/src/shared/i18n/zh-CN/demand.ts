export const demand = {
  "demand.title": "热门话题",
  "demand.says": "问得最多的是“{title}”, 有 {count} 个回答引用了它。",
  "demand.none": "这段时间还没有引用了知识的回答。",
  "demand.new": "新",
  "demand.kept": "回答来自缓存",
  "demand.throttled": "模型限流 (429)",
  "demand.of_answers": "共 {count} 个回答",
  "demand.of_calls": "共 {count} 次调用",
} as const;
