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
    state = np.random.default_rng(0).normal(size=42)
    exact = popflow.QuarticFlow(task, neuron)(state)
    approximate = popflow.QuarticFlow(task, neuron, cumulants=tiled)(state)
    assert 0 < np.linalg.norm(approximate - exact) < 0.3 * np.linalg.norm(exact)
    with pytest.raises(ValueError, match="^cumulant: must be a CumulantTable"):
        popflow.QuarticFlow(task, neuron, cumulants=[1, 2])
