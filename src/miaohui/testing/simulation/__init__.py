"""Does the contract hold in every order of events? The real rooms on a virtual clock, with seeded trouble.

Nodes, clients, database, fan-out and receivers live in one process in which time passes as fast as there is something
to do. Everything that may go wrong at their borders does, as a seed says: nodes are killed and started again, wires are
cut, go silent or slow, fan-out loses a tenth of what it is told, commits fail or their answer is lost, receivers
refuse, agents take over. Afterwards the checker goes through what everybody saw and what is stored.

    python -m miaohui.testing.simulation --seeds 200

The same seed gives the same history, so a failure is replayed with `--first SEED --seeds 1`.
"""
