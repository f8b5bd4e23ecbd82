"""The benchmarks of tests/bench, a file each; frame.py is what they share, cloud.py a controller with thousands of
nodes, decide_*.py and the C files the parts of decide.py."""

BENCHES = ("decide", "select")
