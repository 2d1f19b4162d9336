import numpy as np
import popflow
import pytest


def test_torus_numbers_sites_row_major():
    torus = popflow.Torus([3, 4])
    assert (torus.sites, torus.rows, torus.columns, torus.half_modes) == (12, 3, 4, 9)
    assert torus.site(-1, 5) == 9
    assert torus.coordinates(9) == [2, 1]
    assert torus.add(9, torus.negate(9)) == 0
    assert torus == popflow.Torus([3, 4]) and torus != popflow.Torus([4, 3])


def test_a_bad_lattice_is_a_value_error_of_the_same_text():
    with pytest.raises(ValueError, match=r"^lattice extent 0: must be at least 1$"):
        popflow.Torus([0])


def test_sites_outside_are_index_errors():
    with pytest.raises(IndexError, match=r"^site 12: must be from 0 to 11$"):
        popflow.Torus([3, 4]).coordinates(12)


def test_fourier_transform_agrees_with_numpy():
    torus = popflow.Torus([6, 10])
    field = np.random.default_rng(0).normal(size=torus.sites)
    fourier = popflow.FourierTransform(torus)
    spectrum = fourier.forward(field)
    expected = np.fft.rfft2(field.reshape(torus.shape)).ravel()
    assert np.abs(spectrum - expected).max() < 1e-13
    assert np.abs(fourier.backward(spectrum) - field).max() < 1e-14


def test_shift_and_reflection():
    ring = popflow.Torus([5])
    field = np.arange(5.0)
    assert (popflow.shifted(ring, field, 2) == np.roll(field, 2)).all()
    assert (popflow.reflected(ring, field) == [0, 4, 3, 2, 1]).all()


def test_derivative_of_a_sine_is_its_cosine():
    ring = popflow.Torus([16])
    angle = 2 * np.pi * np.arange(16) / 16
    derivative = popflow.lattice_derivative(ring, np.sin(angle))
    assert np.abs(derivative - 2 * np.pi / 16 * np.cos(angle)).max() < 1e-14
