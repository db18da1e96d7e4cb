"""Was every promise about messages kept?

`types` is what was seen and what is stored, `check` a pure function over both. Thirteen invariants, each a promise of
`docs/reference/delivery.md`; a history comes from a load test, a fault test, the simulator, or a file of JSON lines:

    python -m miaohui.testing.history history.jsonl
"""
