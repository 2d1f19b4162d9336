"""The library checks the same things as the reader of experiment files."""

import numpy as np
import popflow
import pytest
from conftest import nlgp

RING = popflow.Torus([6])
LOGISTIC = popflow.Network(loss="logistic")
PARAMETERS = popflow.Parameters(0.1 * np.ones(6))


def task(*labels):
    return [(label, 1.0 / len(labels), nlgp(RING, 1.0 + n)) for n, label in enumerate(labels)]


# All that takes a task and a loss.
OF_LABELS = {
    "train": lambda t: popflow.train(t, LOGISTIC, PARAMETERS, [0.0, 0.1], batch=10),
    "train, quartic": lambda t: popflow.train(
        t, LOGISTIC, PARAMETERS, [0.0, 0.1], batch=10, gradient="quartic"),
    "evaluate": lambda t: popflow.evaluate(t, LOGISTIC, [PARAMETERS], samples=10),
    "QuarticFlow": lambda t: popflow.QuarticFlow(t, popflow.Neuron(), "logistic"),
    "growth_rate": lambda t: popflow.growth_rate(t, popflow.Neuron(), "logistic"),
    "kurtosis": lambda t: popflow.kurtosis_gradient(t, LOGISTIC),
    "conditional": lambda t: popflow.conditional_gradient(t, LOGISTIC),
    "latent": lambda t: popflow.latent_gradient(t, LOGISTIC),
    "OrbitFlow": lambda t: popflow.OrbitFlow(t, LOGISTIC, PARAMETERS, samples=10),
    "quartic_expansion": lambda t: popflow.quartic_expansion(
        popflow.Neuron(), "logistic", t[0][0]),
}


@pytest.mark.parametrize("call", OF_LABELS)
def test_the_logistic_loss_takes_labels_of_one(call):
    OF_LABELS[call](task(+1, -1))
    with pytest.raises(ValueError, match='label 2: must be 1 or -1 with loss = "logistic"'):
        OF_LABELS[call](task(2, -1))


@pytest.mark.parametrize("label", [np.nan, np.inf])
def test_labels_are_finite(label):
    for call in OF_LABELS.values():
        with pytest.raises(ValueError, match="label .*: must be finite"):
            call(task(label, -1))


@pytest.mark.parametrize("coefficients", [[], [1.0, np.nan], [np.inf]])
def test_polynomials_have_finite_coefficients(coefficients):
    for make in (popflow.Neuron, popflow.Network):
        with pytest.raises(ValueError, match="coefficients: must be finite numbers, at least one"):
            make(coefficients)


def test_neurons_are_finite():
    with pytest.raises(ValueError, match="bias nan: must be finite"):
        popflow.Neuron(bias=np.nan)
    with pytest.raises(ValueError, match="second layer inf: must be finite"):
        popflow.Neuron(second_layer=np.inf)
    neuron = popflow.Neuron()
    neuron.bias = np.nan
    with pytest.raises(ValueError, match="bias nan: must be finite"):
        popflow.QuarticFlow(task(+1), neuron)


def test_what_band_is_left_out_is_a_share():
    table = popflow.CumulantTable(popflow.FourthCumulant(nlgp(RING, 1.0)))
    for truncation in (-0.1, 1.0, np.nan):
        with pytest.raises(ValueError, match="truncation .*: must be at least 0, below 1"):
            popflow.BandLimitedCumulant(table, truncation)


@pytest.mark.parametrize("marginal", ["uniform", "laplace"])
def test_marginals_without_a_shape_take_none(marginal):
    latent = nlgp(RING, 1.0).latent
    popflow.CopulaField(latent, marginal)
    with pytest.raises(ValueError, match="shape 3: must be left at 1, for this law has none"):
        popflow.CopulaField(latent, marginal, 3.0)


def test_steps_can_be_counted():
    with pytest.raises(ValueError, match="learning rate 1e-300: must be at least"):
        popflow.train(task(+1, -1), popflow.Network(), PARAMETERS, [0.0, 1.0], learning_rate=1e-300)
    with pytest.raises(ValueError, match="step 1e-300: must be at least"):
        popflow.integrate_fixed(lambda w: -w, [1.0], [0.0, 1.0], step=1e-300)
