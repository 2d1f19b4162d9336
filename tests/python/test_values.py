"""Everything in the module is a value: it prints, compares, copies and pickles."""

import copy
import inspect
import pickle

import numpy as np
import popflow
import pytest
from conftest import nlgp, simple_task

RING = popflow.Torus([8])
GAUSSIAN = popflow.GaussianField(RING, popflow.gaussian_correlation(RING, 2.0))
ERF = popflow.NonlinearGaussianField(GAUSSIAN, 3.0)
TASK = [(+1, 0.5, ERF), (-1, 0.5, nlgp(RING, 1.0))]
NEURON = popflow.Neuron("tanh", bias=-1.0, second_layer=0.5)
NETWORK = popflow.Network([0.0, 1.0, 0.5], loss="correlation")
PARAMETERS = popflow.Parameters(np.arange(16.0).reshape(2, 8), bias=[1.0, -2.0], second=0.1)
TABLE = popflow.CumulantTable(popflow.FourthCumulant(ERF))
FIELDS = popflow.draw(ERF, 20)
FACTORS = popflow.TiledFactors(RING, [2.0], [np.arange(1.0, 9.0)])
FLOW = popflow.QuarticFlow(TASK, NEURON)


def fresh_states():
    seen = []
    popflow.symmetric_cp_from_fresh_samples(ERF, first=100, batch=50, steps=1, observe=seen.append)
    return seen[0]


def decay(_):
    return lambda w: -w


def moved_stream():
    stream = popflow.RandomStream(3, "training", index=7, run=2)
    stream.normal(5)
    return stream


# One object of every class, by the class's name.
VALUES = {
    "Torus": lambda: popflow.Torus([3, 4]),
    "FourierTransform": lambda: popflow.FourierTransform(RING),
    "RandomStream": moved_stream,
    "GaussianField": lambda: GAUSSIAN,
    "NonlinearGaussianField": lambda: ERF,
    "EllipticalField": lambda: popflow.EllipticalField(GAUSSIAN, 0.7),
    "CopulaField": lambda: popflow.CopulaField(GAUSSIAN, "student-t", 6.0),
    "IsingRing": lambda: popflow.IsingRing(RING, 1.7),
    "EmpiricalField": lambda: popflow.EmpiricalField(RING, FIELDS, 0.8),
    "Input": lambda: popflow.Input(ERF),
    "TaskClass": lambda: popflow.TaskClass(-1, 0.25, ERF),
    "FieldChain": lambda: popflow.phi4_chain(RING, 0.1, 0.5, 5),
    "CumulantTable": lambda: TABLE,
    "Neuron": lambda: NEURON,
    "Network": lambda: NETWORK,
    "Learning": lambda: popflow.Learning(0.1, 0.2, 0.3, 0.4),
    "Parameters": lambda: PARAMETERS,
    "Trajectory": lambda: popflow.integrate(FLOW, FLOW.state(np.ones(8)), [0.0, 1.0]),
    "FixedPoint": lambda: popflow.find_fixed_point(lambda w: 1.0 - w, np.zeros(3)),
    "Stability": lambda: popflow.stability(np.array([[0.0, 1.0], [-1.0, 0.5]])),
    "TranslationMode": lambda: popflow.translation_modes(
        popflow.stability(-np.eye(8)), popflow.translations(RING, 1, np.arange(8.0)))[0],
    "BranchPoint": lambda: popflow.follow_branch(decay, [0.0], 0.0, 0.1).points[0],
    "Branch": lambda: popflow.follow_branch(decay, [0.0], 0.0, 0.1),
    "TrainingRun": lambda: popflow.train(
        TASK, popflow.Network(), popflow.Parameters(np.ones(8)), [0.0, 0.1], batch=10),
    "Evaluation": lambda: popflow.evaluate(
        TASK, popflow.Network(), [popflow.Parameters(np.ones(8))], samples=10)[0],
    "TiledFactors": lambda: FACTORS,
    "TiledCumulant": lambda: popflow.TiledCumulant(FACTORS),
    "TiledFit": lambda: popflow.tiled_cp(ERF, starts=2),
    "SymmetricCpFit": lambda: popflow.symmetric_cp(TABLE, starts=2),
    "FreshSampleCpState": fresh_states,
    "FreshSampleCpFit": lambda: popflow.symmetric_cp_from_fresh_samples(
        ERF, first=100, batch=50, steps=1),
    "SubspacePowerFit": lambda: popflow.subspace_power(TABLE, rank=2),
    "ZEigenpair": lambda: popflow.z_eigenpair(TABLE, np.arange(1.0, 9.0)),
    "Alignment": lambda: popflow.align(RING, np.arange(8.0), np.ones(8)),
    "Tiling": lambda: popflow.tiling(RING, [[0.0, 1.0], [0.0, 5.0]], draws=9),
    "Match": lambda: popflow.nearest(RING, np.eye(2, 8), np.eye(2, 8)).matches[0],
    "InputCheck": lambda: popflow.check_input(ERF, samples=100).checks[0],
    "InputReport": lambda: popflow.check_input(ERF, samples=100),
    "Matching": lambda: popflow.nearest(RING, np.eye(2, 8), np.eye(2, 8)),
}

# Made again from what they were made from, since they hold scratch memory or a function of C++;
# compared by what they do.
MADE = {
    "FourthCumulant": (lambda: popflow.FourthCumulant(ERF), lambda x: x(1, 2, 3)),
    "CumulantOperator": (
        lambda: popflow.exact_cumulant(ERF, 1e-9), lambda x: x.contract(np.ones(5))),
    "QuarticFlow": (lambda: popflow.QuarticFlow(TASK, NEURON), lambda x: x(np.ones(8))),
    "PopulationGradient": (
        lambda: popflow.gaussian_gradient(TASK, popflow.Network(), 2),
        lambda x: x(PARAMETERS).values),
    "GradientFlow": (
        lambda: popflow.GradientFlow(
            popflow.latent_gradient(TASK, popflow.Network(), 2), PARAMETERS),
        lambda x: x(x.state(PARAMETERS))),
    "OrbitFlow": (
        lambda: popflow.OrbitFlow(TASK, popflow.Network(), PARAMETERS, samples=10, seed=4),
        lambda x: x(x.state(PARAMETERS))),
}

# Hold transforms many times as large as what they were made from: they copy, and say what to pickle.
COPIES = {
    "BandLimitedCumulant": lambda: popflow.BandLimitedCumulant(TABLE, 1e-3),
    "EmpiricalCumulant": lambda: popflow.EmpiricalCumulant(RING, FIELDS),
    "OrbitCumulant": lambda: popflow.OrbitCumulant(RING, FIELDS),
}

# Flow is the base of the flows, of which Experiment.flow() is one; Experiment has tests of its own.
ELSEWHERE = {"Flow", "Experiment"}


def classes():
    members = inspect.getmembers(popflow, inspect.isclass)
    return {name for name, cls in members if not issubclass(cls, Exception)}


def test_every_class_of_the_module_is_tested_here():
    assert classes() == set(VALUES) | set(MADE) | set(COPIES) | ELSEWHERE


def copies(value):
    return [pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)]


@pytest.mark.parametrize("name", VALUES)
def test_values_print_compare_copy_and_pickle(name):
    value = VALUES[name]()
    assert type(value).__name__ == name
    assert name in repr(value) and " object at 0x" not in repr(value) and "\n" not in repr(value)
    assert value != "another" and value == value
    for other in copies(value):
        assert type(other) is type(value) and other is not value
        assert other == value and not other != value
        assert pickle.dumps(other) == pickle.dumps(value)  # the same bits
        for member in public_members(value):
            assert_same(getattr(other, member), getattr(value, member), f"{name}.{member}")


def public_members(value):
    names = [name for name in dir(type(value)) if not name.startswith("_")]
    return [name for name in names if not callable(getattr(value, name))]


def assert_same(a, b, name):
    if isinstance(b, np.ndarray):
        assert a.dtype == b.dtype and a.tobytes() == b.tobytes(), name
    else:
        assert a == b or (a != a and b != b), name


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_again_does_the_same(name):
    make, does = MADE[name]
    value = make()
    assert repr(value).startswith(f"popflow.{name}(") and "\n" not in repr(value)
    expected = np.asarray(does(make()))
    for other in copies(value):
        assert type(other) is type(value)
        assert np.asarray(does(other)).tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", COPIES)
def test_what_does_not_pickle_copies_and_says_what_to_pickle(name):
    value = COPIES[name]()
    assert repr(value) == f"popflow.{name}(torus=popflow.Torus(shape=[8]))"
    for other in (copy.copy(value), copy.deepcopy(value)):
        assert (other.contract(np.ones(5)) == value.contract(np.ones(5))).all()
    with pytest.raises(TypeError, match=f"popflow.{name} cannot be pickled: pickle the "):
        pickle.dumps(value)


@pytest.mark.parametrize(
    "name", [name for name in VALUES if hasattr(getattr(popflow, name), "sample")])
def test_a_copy_of_an_input_draws_the_same_bits(name):
    value = VALUES[name]()
    for other in copies(value):
        drawn = [popflow.draw(model, 3, seed=5).tobytes() for model in (value, other)]
        assert drawn[0] == drawn[1]


def test_values_that_differ_are_not_equal():
    assert popflow.Neuron("erf") != popflow.Neuron("erf-series")
    assert popflow.Network(loss="squared") != popflow.Network(loss="logistic")
    assert popflow.GaussianField(RING, np.eye(8)[0]) != GAUSSIAN
    assert popflow.Parameters(np.ones(8)) != popflow.Parameters(np.ones(8), bias=1e-300)
    assert popflow.RandomStream(1) != popflow.RandomStream(2)
    assert popflow.Input(ERF) != popflow.Input(GAUSSIAN)
    assert {popflow.Torus([8]): 1}[RING] == 1


def test_what_is_small_prints_as_it_is_made():
    assert repr(popflow.Torus([3, 4])) == "popflow.Torus(shape=[3, 4])"
    assert repr(NEURON) == "popflow.Neuron(activation='tanh', bias=-1.0, second_layer=0.5)"
    assert "<array of 2 x 8>" in repr(PARAMETERS)


@pytest.mark.parametrize("activation", [
    "erf", "tanh", "logistic", "relu", "linear", "cubic", "erf-series", [1.0, 2.0]])
def test_networks_and_neurons_say_what_they_are(activation):
    assert popflow.Neuron(activation).activation == activation
    network = popflow.Network(activation, "logistic", kernel=[3], pooling="maximum")
    assert (network.activation, network.loss) == (activation, "logistic")
    assert (network.kernel, network.pooling) == ([3], "maximum")
    assert popflow.Network().kernel is None


def test_experiments_pickle(experiment_file):
    experiment = popflow.read_experiment(experiment_file, ["flow.t_end=1.0"])
    assert experiment_file in repr(experiment) and "flow.t_end=1.0" in repr(experiment)
    for other in copies(experiment):
        assert other == experiment and other.overrides == ["flow.t_end=1.0"]
        assert other.task == experiment.task
        a, b = other.flow(), experiment.flow()
        assert (a(np.ones(20)) == b(np.ones(20))).all()
    flow, initial = experiment.flow(), experiment.initial_parameters.values[:20]
    assert (pickle.loads(pickle.dumps(flow))(initial) == flow(initial)).all()
    model = pickle.loads(pickle.dumps(experiment.task[0].input))
    assert (popflow.draw(model, 2) == popflow.draw(experiment.task[0].input, 2)).all()


class Own:
    torus = popflow.Torus([2])
    covariance = lambda self: [1.0, 0.5]
    four_point = lambda self, a, b, c: 1.0
    sample = lambda self, stream: stream.normal(2)


def test_inputs_written_in_python_pickle():
    task = [popflow.TaskClass(1, 1.0, Own())]
    assert pickle.loads(pickle.dumps(task))[0].input.covariance()[1] == 0.5


def work(arguments):
    task, seed = arguments
    return popflow.draw(task[0].input, 2, seed=seed)


def test_values_go_to_other_processes():
    import multiprocessing

    task = [popflow.TaskClass(*c) for c in simple_task(10)]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found = pool.map(work, [(task, 1), (task, 2)])
    assert [x.tobytes() for x in found] == [work((task, seed)).tobytes() for seed in (1, 2)]
