"""What is counted of routes and attempts."""

from __future__ import annotations

from miaohui.kit import metrics

ATTEMPTS = metrics.counter(
    "miaohui_engine_attempts_total",
    "Attempts at routes, by how they ended: winner, failed, hedge_loser, abandoned.",
    ("route", "outcome"),
)
FAILURES = metrics.counter(
    "miaohui_engine_failures_total", "Failed attempts, by what kind of failure it was.", ("route", "failure")
)
FIRST_CONTENT = metrics.histogram(
    "miaohui_engine_first_content_seconds", "From asking a route to its first word.", ("route",)
)
TOKENS = metrics.counter(
    "miaohui_engine_tokens_total", "Tokens, by direction: input, cached, output, reasoning.", ("route", "direction")
)
COST = metrics.counter(
    "miaohui_engine_cost_micro_total", "Cost of attempts, in millionths of a currency unit.", ("route",)
)
LAST_RESORT = metrics.counter(
    "miaohui_engine_last_resort_total", "Turns answered by the knowledge base alone, because no route could."
)
STATE = metrics.gauge(
    "miaohui_engine_route_state", "Breaker of a route: 0 closed, 1 ramping up, 2 half open, 3 open.", ("route",)
)
IN_FLIGHT = metrics.gauge("miaohui_engine_in_flight", "Attempts under way.", ("route",))
HEADROOM = metrics.gauge(
    "miaohui_engine_headroom", "What is left of the limits of a route's keys: requests, tokens.", ("route", "kind")
)
LATENCY = metrics.gauge(
    "miaohui_engine_first_content_recent_seconds",
    "Time to the first word over the last 200 answers, by share: 0.5, 0.95.",
    ("route", "share"),
)
DEAD_KEYS = metrics.gauge("miaohui_engine_dead_keys", "Keys refused or without credit; see to them.", ("route",))
THROTTLED = metrics.counter("miaohui_engine_throttled_total", "Answers that said: too many requests.", ("route",))
PASSED_OVER = metrics.counter(
    "miaohui_engine_passed_over_total",
    "Requests that routes with a price were left out of, because the company's budget is used up.",
)
BUDGETS = metrics.gauge(
    "miaohui_budget_companies",
    "Companies by how their budget for providers stands: near (80 in 100 spent), reached.",
    ("state",),
)
