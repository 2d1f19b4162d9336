"""Messages say what was given and what is wanted, and name the cause."""

import numpy as np
import popflow
import pytest
from conftest import simple_task

RING = popflow.Torus([4])


class Own:
    """White noise, of which a test replaces one part."""

    torus = RING

    def covariance(self):
        return [1.0, 0.0, 0.0, 0.0]

    def four_point(self, a, b, c):
        return 1.0

    def sample(self, stream):
        return stream.normal(4)


def own(**parts):
    return type("Own", (Own,), parts)()


def gives(value):
    return lambda self, *arguments: value


NUMBERS = r"must be an array of 4 numbers"

# The value that an input gives for a sample, and how a message describes it.
NO_SAMPLES = [
    (None, "is None"),
    (1.0, "is a float"),
    (np.ones((2, 4)), "is an array of 2 x 4"),
    (np.ones(3), "is an array of 3"),
    ([[1.0] * 4], "is an array of 1 x 4"),
    ("four", "is a str"),
    ([1.0, None, 2.0, 3.0], "is a list of 4"),
    (np.ones(4, dtype=complex), "is an array of 4"),
]


@pytest.mark.parametrize("given, description", NO_SAMPLES)
def test_what_sample_gives(given, description):
    with pytest.raises(ValueError, match=r"sample\(\) of an input of type Own: " + description) as e:
        popflow.draw(own(sample=gives(given)), 2)
    assert NUMBERS in str(e.value)


@pytest.mark.parametrize("given, description", NO_SAMPLES)
def test_what_covariance_gives(given, description):
    with pytest.raises(ValueError, match=r"covariance\(\) of an input of type Own: " + description):
        popflow.Input(own(covariance=gives(given)))


def test_what_spectrum_gives():
    with pytest.raises(ValueError, match=r"spectrum\(\) of .*: must be an array of 3 numbers"):
        popflow.Input(own(spectrum=gives(np.ones(4))))


@pytest.mark.parametrize("given, description", [
    ("text", "a str"), (None, "None"), (np.ones(2), "an array of 2"), (1j, "a complex")])
def test_what_four_point_gives(given, description):
    model = popflow.Input(own(four_point=gives(given)))
    with pytest.raises(ValueError, match=f"four_point.*: is {description}: must be a number"):
        model.four_point(1, 2, 3)
    with pytest.raises(ValueError, match=f"four_point.*: is {description}: must be a number"):
        popflow.exact_cumulant(model)  # asked in a parallel region


def test_what_an_input_has():
    with pytest.raises(ValueError, match="torus .*: is a list of 1: must be a Torus"):
        popflow.Input(own(torus=[4]))
    with pytest.raises(ValueError, match="covariance .*: is an array of 4: must be a method"):
        popflow.Input(own(covariance=np.ones(4)))
    with pytest.raises(ValueError, match="type int: has no torus: must have torus, covariance"):
        popflow.gaussian_clone(3)


@pytest.mark.parametrize("given, description", [
    (lambda x: x, "a function"), (None, "None"), (3.0, "a float"), ([[1.0]], "a list of 1"),
    (["a"], "a list of 1")])
def test_activations(given, description):
    for make in (popflow.Neuron, popflow.Network):
        with pytest.raises(ValueError, match=f"activation: is {description}: must be the name"):
            make(given)
    with pytest.raises(ValueError, match='activation "softplus": must be one of erf'):
        popflow.Neuron("softplus")


@pytest.mark.parametrize("item, message", [
    (("one", 1.0, Own()), "the label of a class: is a str: must be a number"),
    ((1, None, Own()), "the probability of a class: is None: must be a number"),
    ((1, 1.0), "task: has a tuple of 2: must be a sequence of"),
    ("abc", "task: has a str: must be a sequence of"),
    (7, "task: has an int: must be a sequence of"),
    ((1, 1.0, "input"), "input of type str: has no torus"),
])
def test_tasks(item, message):
    with pytest.raises(ValueError, match=message):
        popflow.growth_rate([item], popflow.Neuron())


@pytest.mark.parametrize("given, description", [
    (None, "None"), (1.0, "a float"), (np.ones((1, 2)), "an array of 1 x 2"), ("x", "a str"),
    ([1.0, None], "a list of 2")])
def test_flows_of_ones_own(given, description):
    message = f"what the flow returned: is {description}: must be an array of 2 numbers"
    calls = [
        lambda f: popflow.integrate(f, [1.0, 2.0], [0.0, 1.0]),
        lambda f: popflow.integrate_fixed(f, [1.0, 2.0], [0.0, 1.0]),
        lambda f: popflow.find_fixed_point(f, [1.0, 2.0]),
        lambda f: popflow.jacobian(f, [1.0, 2.0]),
        lambda f: popflow.follow_branch(lambda p: f, [1.0, 2.0], 0.0, 1.0),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=message):
            call(lambda state: given)


def test_what_is_no_flow():
    for given, description in ((None, "None"), (popflow.Neuron(), "a Neuron")):
        message = f"flow: is {description}: must be a Flow, or a function of a state"
        with pytest.raises(TypeError, match=message):
            popflow.integrate(given, [1.0], [0.0, 1.0])
        with pytest.raises(TypeError, match=message):
            popflow.follow_branch(lambda p: given, [1.0], 0.0, 1.0)


def test_weights_fields_and_cumulants():
    with pytest.raises(ValueError, match="weights: is None: must be an array of numbers, K x N or N"):
        popflow.Parameters(None)
    with pytest.raises(ValueError, match="weights: is an array of 1 x 2 x 2: must be"):
        popflow.localised(np.ones((1, 2, 2)))
    with pytest.raises(ValueError, match="samples: is an array of 4: must be .* P x N"):
        popflow.EmpiricalField(RING, np.ones(4))
    with pytest.raises(ValueError, match="cumulant: is a Torus: must be a CumulantTable"):
        popflow.CumulantOperator(RING)
    with pytest.raises(ValueError, match="second: must be one number, or one a neuron"):
        popflow.Parameters(np.ones((2, 4)), second=[1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="size -1: must be at least 0"):
        popflow.RandomStream(1).normal(-1)
    with pytest.raises(ValueError, match="count -1: must be at least 0"):
        popflow.draw(Own(), -1)


def test_a_start_that_is_not_finite_is_the_reason():
    flow = popflow.QuarticFlow(simple_task(10), popflow.Neuron(bias=-1.0))
    run = popflow.integrate(flow, flow.state(np.full(10, np.nan)), [0.0, 1.0])
    assert run.reason == "not_finite" and len(run.time) == 0
    assert run.weights.shape == (0, 1, 10) and run.parameters == []


def test_a_function_has_no_weights():
    run = popflow.integrate(lambda w: -w, [1.0], [0.0, 1.0])
    with pytest.raises(TypeError, match="a function of states, whose weights are not known"):
        run.weights
