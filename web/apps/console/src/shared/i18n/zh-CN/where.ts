export const where = {
  "where.label": "访客在哪里",
  "where.title": "正在看",
  "where.since": "{time} 打开",
  "where.from": "来自",
  "where.with": "设备",
  "where.opens": "{page} (新标签页打开)",
} as const;
