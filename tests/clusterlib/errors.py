"""The one exception of the cluster library: its text is one clear line for the person who typed the command."""


class ClusterError(Exception):
    pass
