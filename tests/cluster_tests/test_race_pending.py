"""The race for the last GPU-hours where pending jobs count: no more is even queued."""

from racesite import LIMIT_MINUTES, check_race, racing_site


def test_no_more_is_queued_than_the_allocation_has(make_cluster, prefix):
    cluster = racing_site(make_cluster, prefix, "all", count_pending=True, recheck=1).cluster
    assert 1 <= len(check_race(cluster)) <= LIMIT_MINUTES
