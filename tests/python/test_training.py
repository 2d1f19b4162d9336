import numpy as np
import popflow
import pytest
from conftest import nlgp, simple_task


def initial(sites):
    return popflow.Parameters(0.3 * np.random.default_rng(1).normal(size=sites), bias=-1.0)


def test_training_is_repeated_bit_for_bit():
    task, network = simple_task(20), popflow.Network()
    runs = [
        popflow.train(task, network, initial(20), [0.0, 0.5, 1.0], batch=64, seed=7)
        for _ in range(2)
    ]
    assert (runs[0].weights == runs[1].weights).all()
    assert runs[0].weights.shape == (3, 1, 20) and runs[0].steps == 20
    assert (runs[0].bias == -1.0).all() and (runs[0].second_layer == 1.0).all()
    other = popflow.train(task, network, initial(20), [0.0, 1.0], batch=64, seed=8)
    assert (other.weights[-1] != runs[0].weights[-1]).any()


def test_sgd_agrees_with_the_experiment_file(experiment_file):
    experiment = popflow.read_experiment(experiment_file)
    ours = popflow.train(
        experiment.task,
        experiment.network,
        experiment.initial_parameters,
        [0.0, 1.0, 2.0],
        learning_rate=0.05,
        batch=100,
        seed=1,
    )
    theirs = popflow.run_sgd(experiment)
    assert (ours.weights == theirs.weights.values).all()


def test_sgd_on_the_quartic_loss_follows_its_flow():
    task, start = simple_task(20), initial(20)
    flow = popflow.QuarticFlow(task, popflow.Neuron("erf", bias=-1.0))
    theory = popflow.integrate(flow, flow.state(start), [0.0, 2.0]).weights[-1]
    sgd = popflow.train(
        task, popflow.Network(), start, [0.0, 2.0], gradient="quartic",
        learning_rate=0.02, batch=4000,
    ).weights[-1]
    moved = np.linalg.norm(theory - start.first)
    # Noise of 100 steps of 4000 samples, and steps of finite length: a few per cent of the way.
    assert 0 < np.linalg.norm(sgd - theory) < 0.1 * moved


def test_biases_and_second_layers_learn_where_they_are_told_to():
    learning = popflow.Learning(bias_rate=1.0, second_layer_rate=0.5)
    run = popflow.train(simple_task(20), popflow.Network(), initial(20), [0.0, 1.0],
                        batch=100, learning=learning)
    assert run.bias[-1, 0] != -1.0 and run.second_layer[-1, 0] != 1.0


def test_evaluation_of_a_network_that_says_nothing():
    silent = popflow.Parameters(np.zeros(20), second=0.0)
    (evaluation,) = popflow.evaluate(simple_task(20), popflow.Network(), [silent], samples=1000)
    assert evaluation.loss == 0.5 and evaluation.loss_error == 0.0 and evaluation.accuracy == 0.5


def test_the_output_is_that_of_the_definition():
    ring = popflow.Torus([6])
    u, x = np.random.default_rng(0).normal(size=(2, 6))
    network = popflow.Network("tanh")
    at = popflow.Parameters(u, bias=0.3, second=2.0)
    assert popflow.output(ring, network, at, x) == pytest.approx(2 * np.tanh(u @ x + 0.3), abs=1e-14)


def test_an_observer_sees_the_parameters():
    seen = []
    run = popflow.train(simple_task(10), popflow.Network(), initial(10), [0.0, 0.2, 0.4], batch=10,
                        observe=lambda parameters, tau: seen.append((tau, parameters.first.copy())))
    assert [tau for tau, _ in seen] == list(run.time)
    assert (np.array([first for _, first in seen]) == run.weights).all()


def test_bad_options_state_what_is_allowed():
    task, network = simple_task(10), popflow.Network()
    with pytest.raises(ValueError, match="^learning rate: must be positive and finite$"):
        popflow.train(task, network, initial(10), [0.0, 1.0], learning_rate=0.0)
    with pytest.raises(ValueError, match='^precision "half": must be one of double, single$'):
        popflow.train(task, network, initial(10), [0.0, 1.0], precision="half")
    with pytest.raises(ValueError, match="bias: must be one number, or one a neuron"):
        popflow.Parameters(np.zeros((3, 10)), bias=np.zeros(2))
