import numpy as np
import popflow
import pytest
from conftest import nlgp


def small_flow(sites=20):
    ring = popflow.Torus([sites])
    task = [(1, 0.5, nlgp(ring, 4.0)), (-1, 0.5, nlgp(ring, 1.0))]
    return popflow.QuarticFlow(task, popflow.Neuron(bias=-1.0))


def test_a_pitchfork_has_its_fixed_points():
    flow = lambda x: 0.25 * x - x**3
    found = popflow.find_fixed_point(flow, [0.1])
    assert found.reason == "converged" and found.residual <= 1e-12
    assert found.state == pytest.approx([0.5], abs=1e-11) and found.parameters is None
    nearest = popflow.find_fixed_point(flow, [0.1], stable=False)
    assert nearest.state == pytest.approx([0.0], abs=1e-11)
    assert popflow.find_fixed_point(flow, [0.1], step_limit=1).reason == "step_limit"


def test_jacobians_and_their_eigenvalues():
    A = np.random.default_rng(0).normal(size=(5, 5))
    jacobian = popflow.jacobian(lambda x: A @ np.sin(x), np.zeros(5))
    assert np.abs(jacobian - A).max() < 1e-11
    assert np.abs(popflow.jacobian(np.sin, np.zeros(5), "two_point") - np.eye(5)).max() < 1e-9
    found = popflow.stability(A)
    eigenvalues = found.growth + 1j * found.frequency
    assert np.sort_complex(eigenvalues) == pytest.approx(np.sort_complex(np.linalg.eigvals(A)))
    assert np.abs(A @ found.direction - found.direction * eigenvalues).max() < 1e-12
    assert found.unstable() == (np.linalg.eigvals(A).real > 0).sum()
    assert popflow.largest_growth(A) == pytest.approx(found.growth[0])
    assert not found.symmetric and popflow.stability(A + A.T).symmetric


def test_a_state_is_the_weights_in_an_orthonormal_basis():
    flow = small_flow()
    assert flow.dimension == 20 and flow.torus == popflow.Torus([20])
    u, v = np.random.default_rng(0).normal(size=(2, 20))
    assert flow.state(u) @ flow.state(v) == pytest.approx(u @ v, abs=1e-12)
    assert flow.parameters(flow.state(u)).first[0] == pytest.approx(u, abs=1e-13)
    assert flow.parameters(flow.state(u)).bias == [-1.0]
    modes = np.fft.rfft(u) / np.sqrt(20)
    assert flow.state(u)[[0, -1]] == pytest.approx(modes[[0, -1]].real)
    assert flow.state(u)[1:-1:2] == pytest.approx(np.sqrt(2) * modes[1:-1].real)
    assert flow.state(u)[2:-1:2] == pytest.approx(np.sqrt(2) * modes[1:-1].imag)
    # The rate is minus the gradient of the potential, by central differences.
    step = 1e-5 * flow.state(v)
    ahead, behind = (flow.potential(flow.state(u) + s * step) for s in (1, -1))
    assert flow(flow.state(u)) @ flow.state(v) == pytest.approx(-(ahead - behind) / 2e-5, rel=1e-6)


def test_states_of_another_flow_are_refused():
    flow = small_flow()
    for other in np.zeros(22), np.zeros(0):
        with pytest.raises(ValueError, match="^state of"):
            flow(other)
        with pytest.raises(ValueError):
            popflow.integrate(flow, other, [0.0, 1.0])
    with pytest.raises(ValueError, match="^weights of 1 x 19: the flow has 1 x 20"):
        flow.state(np.zeros(19))
    with pytest.raises(ValueError, match="bias of neuron 0 is 2: this flow does not train it, and has -1"):
        flow.state(popflow.Parameters(np.zeros(20), bias=2.0))
    with pytest.raises(ValueError, match="^torus and neurons are for functions of your own"):
        popflow.find_fixed_point(flow, np.zeros(20), torus=popflow.Torus([20]))


def test_a_receptive_field_at_rest_may_be_translated():
    flow = small_flow()
    start = 0.1 * np.random.default_rng(1).normal(size=20)
    run = popflow.integrate(flow, flow.state(start), [0.0, 100.0])
    found = popflow.find_fixed_point(flow, run.state[-1])
    assert found.reason == "converged"
    u = found.parameters.first[0]
    assert flow.state(u) == pytest.approx(found.state, abs=1e-14)
    spectrum = popflow.stability(popflow.jacobian(flow, found.state))
    assert spectrum.symmetric and spectrum.unstable() == 0
    shifts = flow.translations(found.state)
    along = popflow.lattice_derivative(flow.torus, u)
    assert shifts[:, 0] == pytest.approx(flow.state(along), abs=1e-12)
    assert popflow.translations(flow.torus, 1, u)[:, 0] == pytest.approx(along, abs=1e-12)
    (mode,) = popflow.translation_modes(spectrum, shifts)
    assert mode.overlap > 0.99 and mode.growth == spectrum.growth[mode.index]


def test_a_search_may_be_modulo_translation():
    torus = popflow.Torus([20])
    angles = 2 * np.pi * np.arange(20) / 20
    wave = np.exp(1j * angles) / np.sqrt(10)

    def flow(u, velocity):
        mode = wave @ u
        carried = -velocity * popflow.lattice_derivative(torus, u)
        return (1.25 - abs(mode) ** 2) * (mode * wave.conj()).real - u + carried

    start = 0.4 * np.cos(angles) / np.sqrt(10)
    rest = popflow.find_fixed_point(lambda u: flow(u, 0.0), start, torus=torus)
    assert rest.reason == "converged" and rest.residual <= 1e-12
    assert np.linalg.norm(rest.state) == pytest.approx(0.5, abs=1e-10)
    moving = popflow.find_fixed_point(lambda u: flow(u, 0.02), start, torus=torus)
    assert moving.reason == "drifting" and moving.residual <= 1e-12
    assert moving.drift == pytest.approx([0.02], abs=1e-10)
    assert moving.translation_residual == pytest.approx(0.5 * 0.02 * 2 * np.pi / 20, abs=1e-10)
    plain = popflow.find_fixed_point(lambda u: flow(u, 0.0), start)
    assert plain.translation_residual == 0.0 and plain.drift.size == 0
    with pytest.raises(ValueError, match="neurons"):
        popflow.find_fixed_point(lambda u: -u, np.ones(20), torus=torus, neurons=2)
    with pytest.raises(ValueError, match="tolerance"):
        popflow.find_fixed_point(lambda u: -u, np.ones(20), tolerance=np.inf)


def test_a_branch_passes_its_fold():
    branch = popflow.follow_branch(lambda p: lambda x: p - x**2, [1.0], 1.0, -1.0)
    assert branch.reason == "returned"
    first, last = branch.points[0], branch.points[-1]
    assert first.state == pytest.approx([1.0]) and last.state == pytest.approx([-1.0])
    assert first.parameter == last.parameter == 1.0
    assert (first.unstable, last.unstable) == (0, 1)
    assert first.growth == pytest.approx([-2.0])
    (fold,) = (point for point in branch.points if point.kind == "fold")
    assert fold.parameter == pytest.approx(0.0, abs=1e-9)
    assert last.kind == "end"
    stopped = popflow.follow_branch(lambda p: lambda x: p - x**2, [1.0], 1.0, -1.0, fold_limit=1)
    assert stopped.reason == "fold" and stopped.points[-1].kind == "fold"
    seen = []
    stopped = popflow.follow_branch(
        lambda p: lambda x: p - x**2, [1.0], 1.0, -1.0,
        observe=lambda point: seen.append(point.parameter) or len(seen) == 3,
    )
    assert stopped.reason == "stopped" and [point.parameter for point in stopped.points] == seen
    pitchfork = popflow.follow_branch(lambda p: lambda x: p * x - x**3, [1.0], 1.0, -1.0)
    assert "pitchfork" in [point.kind for point in pitchfork.points]
    assert "fold" not in [point.kind for point in pitchfork.points]


def test_a_family_may_be_of_flows_of_the_library():
    ring = popflow.Torus([10])
    task = [(1, 0.5, nlgp(ring, 3.0)), (-1, 0.5, nlgp(ring, 1.0))]
    cumulants = [popflow.exact_cumulant(field) for _, _, field in task]

    def family(bias):
        neuron = popflow.Neuron(bias=bias)
        return popflow.QuarticFlow(task, neuron, cumulants=cumulants)

    flow = family(-1.0)
    start = popflow.integrate(flow, flow.state(0.1 * np.ones(10)), [0.0, 100.0]).state[-1]
    branch = popflow.follow_branch(family, start, -1.0, -0.9)
    assert branch.reason == "reached_end" and branch.points[-1].parameter == -0.9
    for point in branch.points:
        assert np.linalg.norm(family(point.parameter)(point.state)) < 1e-11


def test_what_flows_and_families_raise_passes_through():
    with pytest.raises(ZeroDivisionError):
        popflow.find_fixed_point(lambda x: 1 / 0, [1.0])
    with pytest.raises(ZeroDivisionError):
        popflow.follow_branch(lambda p: 1 / 0, [1.0], 0.0, 1.0)
    with pytest.raises(TypeError, match="^flow: is .*: must be a Flow"):
        popflow.follow_branch(lambda p: p, [1.0], 0.0, 1.0)
    with pytest.raises(ValueError, match="differences"):
        popflow.jacobian(np.sin, [1.0], "three_point")
