"""A flow that stops between two scheduled times keeps where it stopped."""

import numpy as np
import popflow
import pytest
from conftest import simple_task

# How a flow of u' = -u, or of u' = u^2, stops before the last scheduled time.
STOPS = {
    "stationary": (lambda u: -u, {"stationary_rate": 1e-3}),
    "step_limit": (lambda u: -u, {"step_limit": 7}),
    "not_finite": (lambda u: u * u, {}),
}


@pytest.mark.parametrize("reason", STOPS)
def test_the_state_at_which_a_flow_stops_early_is_kept(reason):
    flow, options = STOPS[reason]
    observed = []
    run = popflow.integrate(
        flow, np.ones(1), [0.0, 100.0], observe=lambda u, tau: observed.append(tau), **options)
    assert run.reason == reason and len(run.time) == len(run.state) == 2
    assert 0.0 < run.time[-1] == run.tau < 100.0
    if reason == "not_finite":  # u = 1 / (1 - tau), up to where a step no longer changes tau
        assert run.tau == pytest.approx(1.0, abs=1e-6) and 1e6 < run.state[-1, 0] < np.inf
    else:
        assert run.state[-1, 0] == pytest.approx(np.exp(-run.tau), rel=1e-6)
    assert observed == [0.0]
    if reason == "stationary":
        assert run.tau == pytest.approx(np.log(1e3), rel=0.1)  # to a step


def test_the_state_at_which_fixed_steps_stop_early_is_kept():
    run = popflow.integrate_fixed(lambda u: u**4, np.ones(1), [0.0, 1.0, 1e3], step=0.01)
    assert run.reason == "not_finite"
    assert run.time[-1] == run.tau and np.isfinite(run.state[-1, 0]) and run.state[-1, 0] > 1.0


def test_weights_have_the_state_at_which_a_flow_stopped():
    flow = popflow.QuarticFlow(simple_task(20), popflow.Neuron(bias=-1.0))
    start = flow.state(0.01 * np.cos(np.arange(20.0)))
    run = popflow.integrate(flow, start, [0.0, 1e4], stationary_rate=1e-4)
    assert run.reason == "stationary" and run.weights.shape == (2, 1, 20)
    assert np.abs(flow(run.state[-1])).max() <= 1e-4
    assert len(run.parameters) == 2


def test_a_fixed_point_is_searched_from_where_the_flow_stopped(experiment_file):
    experiment = popflow.read_experiment(
        experiment_file, ["flow.step_limit=5", "network.initial_scale=0.5"])
    assert 0.0 < popflow.fixed_point(experiment).attrs["t"] < 20.0
