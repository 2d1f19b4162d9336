import math

import numpy as np
import popflow
import pytest
from conftest import nlgp, simple_task

NEURON = popflow.Neuron("erf", bias=-1.0, second_layer=1.0)


def small_weights(sites):
    return 0.01 * np.random.default_rng(1).uniform(-1.0, 1.0, sites)


def test_receptive_field_localises_on_nlgp_and_not_on_its_clone():
    task = simple_task(100)
    control = [(label, p, popflow.gaussian_clone(x)) for label, p, x in task]
    norms, iprs = [], []
    for inputs in task, control:
        flow = popflow.QuarticFlow(inputs, NEURON)
        end = popflow.integrate(flow, flow.state(small_weights(100)), [0.0, 100.0])
        u = end.weights[-1, 0]
        norms.append(np.linalg.norm(u))
        iprs.append(popflow.inverse_participation_ratio(u))
    assert norms[0] == pytest.approx(0.3347, abs=5e-5)
    assert iprs[0] == pytest.approx(0.1359, abs=5e-5)
    assert iprs[1] < 0.02


def test_the_flow_descends_its_potential():
    flow = popflow.QuarticFlow(simple_task(20), NEURON)
    run = popflow.integrate(flow, flow.state(small_weights(20)), np.linspace(0, 50, 11))
    potential = [flow.potential(state) for state in run.state]
    assert (np.diff(potential) < 0).all()
    assert run.reason == "reached_end" and run.tau == 50.0
    assert run.weights.shape == (11, 1, 20) and run.state.shape == (11, flow.dimension)


def test_growth_rates_are_those_of_small_weights():
    flow = popflow.QuarticFlow(simple_task(20), NEURON)
    mu = popflow.growth_rate(simple_task(20), NEURON)
    mode = 1e-6 * np.cos(2 * np.pi * 3 * np.arange(20) / 20)
    state = flow.state(mode)
    assert np.abs(flow(state) - mu[3] * state).max() < 1e-12


def test_expansions_say_how_much_they_neglect():
    task, rng = simple_task(20), np.random.default_rng(2)
    u = rng.normal(size=20) / np.sqrt(20)
    quartic = popflow.QuarticFlow(task, NEURON)
    edgeworth = popflow.GradientFlow(
        popflow.edgeworth_gradient(task, popflow.Network()), popflow.Parameters(u, bias=-1.0)
    )
    # Terms of fourth and of second order in the weights: 1e-4 and 1e-2, up to saturation at s = 1.
    for flow, order in (quartic, 1e-4), (edgeworth, 1e-2):
        of = [flow.neglected_terms(flow.state(popflow.Parameters(s * u, bias=-1.0))) for s in (0.1, 1.0)]
        assert 0 < of[0] < 5 * order * of[1]
    gaussian = popflow.gaussian_gradient(task, popflow.Network())
    with pytest.raises(TypeError, match="not an expansion"):
        popflow.GradientFlow(gaussian, popflow.Parameters(u)).neglected_terms(np.zeros(20))


def gradients(task, network):
    return {
        "gaussian": popflow.gaussian_gradient(task, network),
        "edgeworth": popflow.edgeworth_gradient(task, network),
        "kurtosis": popflow.kurtosis_gradient(task, network),
        "conditional": popflow.conditional_gradient(task, network),
        "latent": popflow.latent_gradient(task, network),
    }


def test_all_closures_agree_on_gaussian_inputs():
    ring = popflow.Torus([12])
    task = [(y, 0.5, popflow.gaussian_clone(nlgp(ring, xi))) for y, xi in ((1, 4.0), (-1, 1.0))]
    at = popflow.Parameters(np.random.default_rng(2).normal(size=12), bias=-0.5, second=0.7)
    all_of = gradients(task, popflow.Network())
    exact = all_of["gaussian"](at).values
    for name, gradient in all_of.items():
        assert np.abs(gradient(at).values - exact).max() < 1e-8, name


def test_the_orbit_average_agrees_with_the_exact_gradient_of_gaussian_inputs():
    ring = popflow.Torus([12])
    task = [(y, 0.5, popflow.gaussian_clone(nlgp(ring, xi))) for y, xi in ((1, 4.0), (-1, 1.0))]
    network, at = popflow.Network(), popflow.Parameters(0.3 * np.ones(12), bias=-0.5)
    orbit = popflow.OrbitFlow(task, network, at, samples=20000)
    exact = popflow.GradientFlow(popflow.gaussian_gradient(task, network), at)
    state = exact.state(at)
    difference = orbit(state) - exact(state)
    assert 0 < np.abs(difference).max() < 0.02
    assert popflow.integrate_fixed(orbit, state, [0.0, 0.2]).steps == 2


@pytest.mark.parametrize("kind", ["gaussian", "edgeworth", "kurtosis", "conditional", "latent"])
def test_a_gradient_flow_agrees_with_the_program(kind, experiment_file):
    tolerances = ["flow.relative_tolerance=1e-8", "flow.absolute_tolerance=1e-10"]
    experiment = popflow.read_experiment(
        experiment_file, [f"flow.kind={kind}", "flow.t_end=2", *tolerances]
    )
    gradient = gradients(experiment.task, experiment.network)[kind]
    initial = experiment.initial_parameters
    flow = popflow.GradientFlow(gradient, initial)
    ours = popflow.integrate(flow, flow.state(initial), np.linspace(0, 2, 5))
    theirs = popflow.run_flow(experiment)
    assert np.abs(ours.weights - theirs.weights.values).max() < 1e-12


def test_an_own_flow_is_integrated():
    run = popflow.integrate(lambda w: -w, [1.0, 2.0], [0.0, 1.0, 2.0])
    assert np.abs(run.state[:, 0] - np.exp(-run.time)).max() < 1e-7
    forced = popflow.integrate(lambda w, tau: np.full(2, tau), np.zeros(2), [0.0, 3.0])
    assert forced.state[-1] == pytest.approx([4.5, 4.5], abs=1e-8)
    with pytest.raises(TypeError, match="whose weights are not known"):
        run.weights


def test_an_own_flow_around_one_of_the_library_is_the_same_bit_for_bit():
    flow = popflow.QuarticFlow(simple_task(20), NEURON)
    state, times = flow.state(small_weights(20)), [0.0, 10.0]
    ours = popflow.integrate(flow, state, times)
    theirs = popflow.integrate(lambda w: flow(w), state, times)
    assert (ours.state == theirs.state).all() and ours.evaluations == theirs.evaluations


def test_an_own_flow_may_keep_its_states():
    kept = []
    popflow.integrate(lambda w: (kept.append(w), -w)[1], [1.0], [0.0, 1.0])
    assert kept[0][0] == 1.0 and len({w[0] for w in kept}) > 5


def test_what_an_own_flow_raises_comes_through():
    def broken(w):
        raise ArithmeticError("broken flow")

    with pytest.raises(ArithmeticError, match="broken flow"):
        popflow.integrate(broken, [1.0], [0.0, 1.0])
    with pytest.raises(ValueError, match="what the flow returned: is .*: must be an array of"):
        popflow.integrate(lambda w: w[:1], [1.0, 2.0], [0.0, 1.0])
    with pytest.raises(ValueError, match="what the flow returned: is .*: must be an array of"):
        popflow.integrate(lambda w: "none", [1.0, 2.0], [0.0, 1.0])
    with pytest.raises(TypeError):
        popflow.integrate(3.0, [1.0], [0.0, 1.0])


def test_an_observer_sees_every_scheduled_time():
    seen = []
    run = popflow.integrate(
        lambda w: -w, [1.0], [0.0, 0.5, 1.0], observe=lambda w, tau: seen.append((tau, w[0]))
    )
    assert [tau for tau, _ in seen] == [0.0, 0.5, 1.0]
    assert [w for _, w in seen] == list(run.state[:, 0])


def test_an_observer_may_ask_the_flow_that_it_observes():
    flow = popflow.QuarticFlow(simple_task(20), NEURON)
    potential = []
    run = popflow.integrate(
        flow,
        flow.state(small_weights(20)),
        [0.0, 1.0, 2.0],
        observe=lambda w, tau: potential.append(flow.potential(w)),
    )
    assert potential == [flow.potential(state) for state in run.state]


def test_bad_arguments_have_the_text_of_the_library():
    flow = popflow.QuarticFlow(simple_task(20), NEURON)
    with pytest.raises(ValueError, match="^state of 3 entries: the flow has 20$"):
        popflow.integrate(flow, np.zeros(3), [0.0, 1.0])
    with pytest.raises(ValueError, match="^first step -1: must be positive and finite$"):
        popflow.integrate(flow, np.zeros(20), [0.0, 1.0], first_step=-1.0)
    with pytest.raises(ValueError, match='^activation "sine": must be one of erf, tanh, '):
        popflow.Neuron("sine")
    with pytest.raises(ValueError, match="probabilit"):
        popflow.QuarticFlow(simple_task(20)[:1], NEURON)


def test_amplifiers_are_those_of_gaussian_and_sign_fields():
    ring = popflow.Torus([10])
    latent = popflow.GaussianField(ring, popflow.gaussian_correlation(ring, 1.0))
    assert popflow.amplifier(latent, 0.5) == pytest.approx(math.sqrt(2 / math.pi) / 2, abs=1e-12)
    signs = popflow.NonlinearGaussianField(latent, math.inf)
    expected = math.erf(0.5 / math.sqrt(2 * (1 - 0.5**2)))
    assert popflow.amplifier(signs, 0.5) == pytest.approx(expected, abs=1e-12)
    with pytest.raises(ValueError, match="must be a GaussianField"):
        popflow.amplifier(popflow.IsingRing(ring, 2.0), 0.5)
