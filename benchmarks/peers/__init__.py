"""Other gateways beside ours: same run, same server behind, same load. `make bench PEERS=1`; results in benchmarks/RESULTS.md.

Each is installed by its pinned version into a directory of its own below `.cache/peers`, and run as its documentation says, with
one worker. What cannot be installed or started is named with the reason. What to keep in mind beside the figures stands with each
(`note`): some have no HTTP client on this path, some do more per call than they are asked for.
"""
