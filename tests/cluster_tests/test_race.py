"""The race for the last GPU-hours with all our plugins."""

from racesite import LIMIT_MINUTES, check_race, racing_site


def test_an_allocation_is_never_overspent(make_cluster, prefix):
    # No fewer than there is room for; more where several were decided before the first of them started, which a slow machine
    # may not see.
    assert len(check_race(racing_site(make_cluster, prefix, "all").cluster)) >= LIMIT_MINUTES
