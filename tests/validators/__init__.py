"""Strict readers of what the reporter writes for others, made from the published formats and from nothing of ours.

Each refuses (ValueError, one line) what the receiver would refuse: an unknown or missing key, a value out of range, too
many records. None is lenient where the receiver is.
"""
