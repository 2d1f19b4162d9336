import numpy as np
import popflow
import pytest
from conftest import nlgp


def test_the_cumulant_is_the_fourth_moment_without_its_pairings():
    field = nlgp(popflow.Torus([20]), 4.0)
    C, kappa = field.covariance(), popflow.FourthCumulant(field)
    pairings = C[3] * C[2] + C[5] * C[4] + C[7] * C[2]
    assert kappa(3, 5, 7) == pytest.approx(field.four_point(3, 5, 7) - pairings, abs=1e-14)


def test_a_table_contracts_as_its_entries_do():
    ring = popflow.Torus([8])
    table = popflow.CumulantTable(popflow.FourthCumulant(nlgp(ring, 2.0)))
    u, v, w = np.random.default_rng(0).normal(size=(3, 8))
    expected = np.zeros(8)
    for a, b, c in np.ndindex(8, 8, 8):
        expected += table(a, b, c) * np.roll(u, -a) * np.roll(v, -b) * np.roll(w, -c)
    contracted = table.contract(*(np.fft.rfft(x) for x in (u, v, w)))
    assert np.abs(np.fft.irfft(contracted, 8) - expected).max() < 1e-12
    band = popflow.BandLimitedCumulant(table)
    assert np.abs(band.contract(np.fft.rfft(u)) - table.contract(np.fft.rfft(u))).max() < 1e-12


def test_entries_are_a_view():
    table = popflow.CumulantTable(popflow.FourthCumulant(nlgp(popflow.Torus([10]), 2.0)))
    values = table.values
    assert values.shape == (10, 10, 10) and values[1, 2, 3] == table(1, 2, 3)
    assert values.ctypes.data == table.values.ctypes.data and not values.flags.writeable
    assert (values**2).sum() == pytest.approx(table.squared_norm(), rel=1e-13)


def test_a_table_too_large_is_a_value_error():
    kappa = popflow.FourthCumulant(nlgp(popflow.Torus([20]), 4.0))
    with pytest.raises(ValueError, match="^the cumulant table of 20 sites needs 0.1 GiB: at most"):
        popflow.CumulantTable(kappa, memory_limit=1000)


def test_contractions_refuse_other_sizes():
    operator = popflow.exact_cumulant(nlgp(popflow.Torus([10]), 2.0))
    with pytest.raises(ValueError, match="half_modes"):
        operator.contract(np.zeros(5, complex))


def test_an_empirical_cumulant_is_that_of_all_shifts_reflections_and_signs():
    n, fields = 6, np.random.default_rng(2).normal(size=(3, 6))
    orbit = [np.roll(y, s) for x in fields for y in (x, x[(-np.arange(n)) % n]) for s in range(n)]
    x = np.array(orbit)
    C = x.T @ x / len(x)
    kappa = np.einsum("pi,pj,pk,pl->ijkl", x, x, x, x) / len(x)
    for pairing in "ij,kl->ijkl", "ik,jl->ijkl", "il,jk->ijkl":
        kappa -= np.einsum(pairing, C, C)
    operator = popflow.EmpiricalCumulant(popflow.Torus([n]), fields)
    u, v, w = np.random.default_rng(3).normal(size=(3, n))
    contracted = np.fft.irfft(operator.contract(*(np.fft.rfft(a) for a in (u, v, w))), n)
    assert np.abs(contracted - np.einsum("ijkl,j,k,l->i", kappa, u, v, w)).max() < 1e-12
    assert np.allclose(popflow.CumulantOperator(operator).contract(np.fft.rfft(u)),
                       operator.contract(np.fft.rfft(u)))


def test_fields_that_are_none_are_refused():
    ring = popflow.Torus([6])
    for make in popflow.EmpiricalCumulant, popflow.EmpiricalField:
        for fields, message in [
            (np.zeros(6), ": must be an array of numbers, P x N"),
            (np.zeros((2, 5)), "6"),
            (np.full((2, 6), np.nan), "fields: must be finite numbers"),
        ]:
            with pytest.raises(ValueError, match=message):
                make(ring, fields)
