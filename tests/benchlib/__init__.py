"""The benchmarks of tests/bench, a file each; frame.py is what they share, cloud.py a controller with thousands of
nodes, decide_*.py, lane_*.py and site_factor_*.py with the C files the parts of decide.py, lane.py and site_factor.py."""

BENCHES = ("apply", "crash", "decide", "lane", "ledger", "placement", "residency", "safety", "select", "site_factor")
