import numpy as np
import popflow
import pytest
from conftest import nlgp


def bump(sites, centre, width):
    distance = (np.arange(sites) - centre + sites / 2) % sites - sites / 2
    return np.exp(-(distance**2) / (2 * width**2))


def test_participation_of_fields_and_of_rows():
    u = np.zeros((2, 10))
    u[0, 3] = -2.0
    u[1] = 1.0
    assert popflow.inverse_participation_ratio(u[0]) == 1.0
    assert popflow.inverse_participation_ratio(u) == pytest.approx([1.0, 0.1])


def test_place_and_width_of_a_bump():
    ring, u = popflow.Torus([100]), bump(100, 30.0, 3.0)
    assert popflow.centre(ring, u)[1] == pytest.approx(30.0, abs=1e-9)
    assert popflow.width(ring, u)[1] == pytest.approx(3.0, rel=1e-2)
    assert popflow.dominant_mode(ring, u) == [0, 0] and popflow.dominant_sign(-u) == -1


def test_alignment_undoes_shift_and_sign():
    ring, u = popflow.Torus([50]), np.random.default_rng(0).normal(size=50)
    found = popflow.align(ring, -np.roll(u, 7), u)
    assert (found.shift, found.sign) == (43, -1)
    assert found.relative_error < 1e-14 and popflow.relative_error(found.aligned, u) < 1e-14


def test_matching_finds_the_permutation():
    ring = popflow.Torus([40])
    fields = np.random.default_rng(0).normal(size=(4, 40))
    shuffled = -np.roll(fields[[2, 0, 3, 1]], 5, axis=1)
    matching = popflow.best_matching(ring, fields, shuffled, shift=True)
    assert [match.b for match in matching.matches] == [1, 3, 0, 2]
    assert matching.mean_similarity == pytest.approx(1.0)
    assert {match.sign for match in matching.matches} == {-1}
    assert popflow.similarity_matrix(ring, fields, shuffled, shift=True).shape == (4, 4)
    assert popflow.nearest(ring, fields[:1], shuffled, shift=True).matches[0].b == 1


def test_localised_fields_that_tile():
    ring = popflow.Torus([100])
    fields = np.array([bump(100, c, 2.0) for c in (5, 30, 55, 80)] + [np.ones(100)])
    assert list(popflow.localised(fields)) == [True] * 4 + [False]
    even = popflow.tiling(ring, [popflow.centre(ring, u) for u in fields[:4]], draws=999)
    assert even.mean_spacing == pytest.approx(25.0) and even.ratio > 1.5 and even.p_even < 0.05


def test_kurtosis_from_the_cumulant_agrees_with_samples():
    field = nlgp(popflow.Torus([20]), 4.0)
    u = np.array([bump(20, 10.0, 1.5), np.ones(20)])
    exact = popflow.preactivation_kurtosis(field, u, popflow.exact_cumulant(field))
    sampled, error = popflow.sampled_kurtosis(field, u, samples=20000)
    assert (np.abs(sampled - exact) < 5 * error).all() and exact[0] < -0.2


def test_sizes_that_disagree_are_refused():
    with pytest.raises(ValueError):
        popflow.centre(popflow.Torus([10]), np.zeros(9))
