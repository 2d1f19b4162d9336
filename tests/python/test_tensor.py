import numpy as np
import popflow
import pytest
from conftest import nlgp


def test_one_template_is_most_of_a_smooth_cumulant():
    field = nlgp(popflow.Torus([40]), 8.0)
    fit = popflow.tiled_cp(field, rank=2)
    assert fit.rank_error[1] < fit.rank_error[0] < 0.2
    assert fit.relative_error == fit.rank_error[1] and fit.standard_error is None
    assert fit.factors.templates.shape == (2, 40)
    assert np.linalg.norm(fit.factors.templates, axis=1) == pytest.approx([1.0, 1.0])
    assert fit.factors.weight[0] < 0.0


def test_a_tiled_operator_contracts_as_its_entries_do():
    ring = popflow.Torus([6])
    rng = np.random.default_rng(0)
    factors = popflow.TiledFactors(ring, [2.0, -1.0], rng.normal(size=(2, 6)))
    u = rng.normal(size=6)
    expected = sum(
        factors(a, b, c) * np.roll(u, -a) * np.roll(u, -b) * np.roll(u, -c)
        for a, b, c in np.ndindex(6, 6, 6)
    )
    contracted = popflow.TiledCumulant(factors).contract(np.fft.rfft(u))
    assert np.abs(np.fft.irfft(contracted, 6) - expected).max() < 1e-12


def test_symmetric_factors_reproduce_their_error():
    field = nlgp(popflow.Torus([6]), 2.0)
    table = popflow.CumulantTable(popflow.FourthCumulant(field))
    fit = popflow.symmetric_cp(table, rank=3)
    n = np.arange(6)
    i, j, k, l = np.ix_(n, n, n, n)
    tensor = table.values[(j - i) % 6, (k - i) % 6, (l - i) % 6]
    model = np.einsum("r,ri,rj,rk,rl->ijkl", fit.weight, *[fit.vectors] * 4)
    error = np.linalg.norm(tensor - model) / np.linalg.norm(tensor)
    assert fit.relative_error == pytest.approx(error, abs=1e-6) and error < 1.0


def test_a_flow_takes_a_tiled_cumulant():
    ring = popflow.Torus([40])
    task = [(1, 0.5, nlgp(ring, 8.0)), (-1, 0.5, nlgp(ring, 1.0))]
    tiled = [popflow.TiledCumulant(popflow.tiled_cp(x, rank=2).factors) for _, _, x in task]
    neuron = popflow.Neuron(bias=-1.0)
    state = np.random.default_rng(0).normal(size=40)
    exact = popflow.QuarticFlow(task, neuron)(state)
    approximate = popflow.QuarticFlow(task, neuron, cumulants=tiled)(state)
    assert 0 < np.linalg.norm(approximate - exact) < 0.3 * np.linalg.norm(exact)
    with pytest.raises(ValueError, match="^cumulant: is .*: must be a CumulantTable"):
        popflow.QuarticFlow(task, neuron, cumulants=[1, 2])


def tensor_of(weight, vectors):
    return np.einsum("r,ri,rj,rk,rl->ijkl", weight, *[vectors] * 4)


def small_table(sites=6):
    field = nlgp(popflow.Torus([sites]), 2.0)
    return popflow.CumulantTable(popflow.FourthCumulant(field))


def test_z_eigenpairs_solve_their_equation():
    table = small_table()
    found = popflow.z_eigenpairs(table, starts=5)
    assert [abs(pair.value) for pair in found] == sorted((abs(p.value) for p in found), reverse=True)
    for pair in found:
        image = np.fft.irfft(table.contract(np.fft.rfft(pair.vector)), 6)
        assert np.abs(image - pair.value * pair.vector).max() < 1e-9 * abs(found[0].value)
        assert np.linalg.norm(pair.vector) == pytest.approx(1.0)
    lowest = popflow.z_eigenpair(table, found[0].vector + 0.01, "minimum")
    assert lowest.value <= found[0].value + 1e-9 and lowest.residual < 1e-9
    with pytest.raises(ValueError, match="ascent"):
        popflow.z_eigenpair(table, np.ones(6), "sideways")


def test_the_subspace_power_method_takes_the_whole_tensor_apart():
    n = 6
    ring, vectors = popflow.Torus([n]), np.eye(n)
    tiled = popflow.TiledFactors(ring, [-2.0], np.eye(n)[:1])
    site = popflow.CumulantTable(popflow.FourthCumulant(OneSite(tiled)))
    fit = popflow.subspace_power(site)
    assert fit.weight == pytest.approx([-2.0] * n) and fit.starts >= n
    assert np.abs(tensor_of(fit.weight, fit.vectors) - tensor_of([-2.0] * n, vectors)).max() < 1e-8
    assert fit.relative_error < 1e-8 and fit.least_objective == pytest.approx(1.0)
    assert fit.spectral_ratio < 1e-8
    assert popflow.subspace_power(site, rank=2).weight.shape == (2,)


class OneSite:
    """A law of unit covariance whose fourth cumulant is that of a tiled form."""

    def __init__(self, factors):
        self.factors, self.torus = factors, factors.torus

    def covariance(self):
        return np.eye(self.torus.sites)[0]

    def four_point(self, a, b, c):
        pairs = (a == 0 and b == c) + (b == 0 and a == c) + (c == 0 and a == b)
        return pairs + self.factors(a, b, c)

    def sample(self, stream):
        return stream.normal(self.torus.sites)


def test_samples_have_the_factors_of_their_law():
    field = nlgp(popflow.Torus([8]), 3.0)
    fit = popflow.symmetric_cp_from_samples(popflow.draw(field, 4000), rank=1)
    exact = popflow.symmetric_cp(popflow.CumulantTable(popflow.FourthCumulant(field)), rank=1)
    assert fit.weight == pytest.approx(exact.weight, rel=0.1)
    value, error = popflow.projected_cumulants(popflow.draw(field, 4000, seed=2), exact.vectors)
    assert value.shape == error.shape == (1,)
    form = popflow.CumulantTable(popflow.FourthCumulant(field))
    x = exact.vectors[0]
    true = x @ np.fft.irfft(form.contract(np.fft.rfft(x)), 8)
    assert abs(value[0] - true) < 5 * error[0] and error[0] < 0.1 * abs(true)


def test_fresh_samples_are_used_batch_by_batch():
    field = nlgp(popflow.Torus([8]), 3.0)
    seen = []
    fit = popflow.symmetric_cp_from_fresh_samples(
        field, rank=1, first=1000, batch=500, steps=6, observe=seen.append
    )
    assert [state.samples for state in seen] == [1000 + 500 * k for k in range(7)]
    assert fit.samples == 4000 and (seen[-1].vectors == fit.vectors).all()
    assert np.isnan(seen[0].explained) and seen[-1].explained > 0
    exact = popflow.symmetric_cp(popflow.CumulantTable(popflow.FourthCumulant(field)), rank=1)
    assert fit.weight == pytest.approx(exact.weight, rel=0.1)
    with pytest.raises(ValueError, match="^1 first samples: must be at least a batch, 500"):
        popflow.symmetric_cp_from_fresh_samples(field, first=1, batch=500)
    with pytest.raises(ZeroDivisionError):
        popflow.symmetric_cp_from_fresh_samples(field, observe=lambda state: 1 / 0)


def test_any_operator_has_tiled_factors():
    ring = popflow.Torus([12])
    templates = np.exp(-0.5 * np.arange(-6, 6) ** 2 / 2.0)[None]
    tiled = popflow.TiledFactors(ring, [-1.0], templates)
    table = popflow.CumulantTable(popflow.FourthCumulant(OneSite(tiled)))
    fit = popflow.tiled_cp_from_operator(popflow.TiledCumulant(tiled), table.squared_norm())
    assert fit.relative_error < 1e-5 and fit.rank_error == [fit.relative_error]
    assert fit.factors.weight == pytest.approx(tiled.weight, rel=1e-4)
    samples = popflow.draw(nlgp(ring, 3.0), 400)
    orbit = popflow.OrbitCumulant(ring, samples)
    sampled = popflow.tiled_cp_from_operator(orbit, orbit.squared_norm(), tolerance=1e-9)
    exact = popflow.tiled_cp(nlgp(ring, 3.0))
    assert sampled.factors.weight == pytest.approx(exact.factors.weight, rel=0.2)
    with pytest.raises(ValueError, match="^squared norm -1: must be positive and finite"):
        popflow.tiled_cp_from_operator(orbit, -1.0)


def test_symmetric_templates_are_symmetric():
    fit = popflow.tiled_cp(nlgp(popflow.Torus([20]), 4.0), rank=2, symmetric_templates=True)
    for template in fit.factors.templates:
        mirrored = [np.roll(template[::-1], shift) for shift in range(20)]
        assert min(np.abs(template - other).max() for other in mirrored) < 1e-10
