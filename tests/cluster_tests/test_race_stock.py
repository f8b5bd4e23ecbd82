"""The race for the last GPU-hours with none of our plugins: what aif apply wrote into the QOS is enough."""

from racesite import LIMIT_MINUTES, check_race, racing_site


def test_an_allocation_is_never_overspent(make_cluster, prefix):
    assert len(check_race(racing_site(make_cluster, prefix, "none").cluster)) > LIMIT_MINUTES
