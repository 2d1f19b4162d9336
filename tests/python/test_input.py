import numpy as np
import popflow
import pytest
from conftest import nlgp, simple_task


class OwnGaussian:
    """A Gaussian field, written in Python: a moving average of three."""

    def __init__(self, sites):
        self.torus = popflow.Torus([sites])

    def covariance(self):
        covariance = np.zeros(self.torus.sites)
        covariance[[0, 1, 2, -1, -2]] = np.array([3.0, 2.0, 1.0, 2.0, 1.0]) / 3
        return covariance

    def spectrum(self):
        return np.fft.rfft(self.covariance()).real

    def four_point(self, a, b, c):
        C, n = self.covariance(), self.torus.sites
        return C[a] * C[(c - b) % n] + C[b] * C[(c - a) % n] + C[c] * C[(b - a) % n]

    def sample(self, stream):
        white = stream.normal(self.torus.sites)
        return (white + np.roll(white, 1) + np.roll(white, 2)) / np.sqrt(3)


class Failing(OwnGaussian):
    def four_point(self, a, b, c):
        raise ArithmeticError("no four-point function today")

    def sample(self, stream):
        raise ArithmeticError("no samples today")


def test_four_point_function_of_theory():
    ring = popflow.Torus([40])
    assert nlgp(ring, 8.0).four_point(0, 0, 0) == pytest.approx(1.243247241748, abs=1e-11)


def test_moments_agree_with_samples():
    ring = popflow.Torus([12])
    for field in (
        nlgp(ring, 2.0),
        popflow.EllipticalField(popflow.gaussian_clone(nlgp(ring, 2.0)), 0.5),
        popflow.CopulaField(nlgp(ring, 2.0).latent, "laplace"),
        popflow.IsingRing(ring, 2.0),
        popflow.Input(OwnGaussian(12)),
    ):
        x = popflow.draw(field, 20000, seed=3)
        covariance = np.mean(x[:, [0]] * x, axis=0)
        four = np.mean(x[:, 0] * x[:, 0] * x[:, 1] * x[:, 2])
        # Standard errors are at most sqrt(E x^8 / 20000): 0.04 and, for Laplace, 0.1.
        assert np.abs(covariance - field.covariance()).max() < 0.06
        assert four == pytest.approx(field.four_point(0, 1, 2), abs=0.3)


def test_given_fields_are_a_law():
    ring = popflow.Torus([16])
    chain = popflow.phi4_chain(ring, 0.3, 1.0, 400)
    assert not chain.slow and 0.5 <= chain.autocorrelation_time < 1.0
    fields = chain.samples
    law = popflow.EmpiricalField(ring, fields, chain.autocorrelation_time)
    fields = fields - fields.mean()
    power = np.mean(np.abs(np.fft.fft(fields, axis=1)) ** 2, axis=0)
    covariance = np.fft.ifft(power).real
    assert np.abs(law.covariance() - covariance / covariance[0]).max() < 1e-12
    assert 0 < law.covariance_error(1) < 0.1 and 0 < law.four_point_error(0, 1, 1) < 0.5
    assert popflow.draw(law, 3).shape == (3, 16)


def test_the_clone_has_the_covariance_and_is_gaussian():
    field = nlgp(popflow.Torus([20]), 4.0)
    clone = popflow.gaussian_clone(field)
    assert np.abs(clone.covariance() - field.covariance()).max() == 0.0
    assert popflow.FourthCumulant(clone)(0, 1, 2) == pytest.approx(0.0, abs=1e-15)
    assert popflow.Input(clone).is_gaussian and not popflow.Input(field).is_gaussian


def test_the_same_stream_gives_the_same_sample():
    field = nlgp(popflow.Torus([20]), 4.0)
    one = field.sample(popflow.RandomStream(1, "training", 5))
    other = field.sample(popflow.RandomStream(1, "training", 5))
    assert (one == other).all()
    assert (one == popflow.draw(field, 1, seed=1, purpose="training", first=5)[0]).all()


def test_an_own_input_gives_the_same_flow_as_that_of_the_library():
    own = OwnGaussian(20)
    ours = popflow.GaussianField(own.torus, own.covariance())
    other = nlgp(own.torus, 4.0)
    neuron = popflow.Neuron("erf", bias=-1.0)
    state = np.random.default_rng(0).normal(size=20)
    rates = [
        popflow.QuarticFlow([(1, 0.5, field), (-1, 0.5, other)], neuron)(state)
        for field in (own, ours)
    ]
    assert np.abs(rates[0] - rates[1]).max() < 1e-12


def test_an_own_input_trains():
    own = OwnGaussian(10)
    task = [(1, 0.5, own), (-1, 0.5, nlgp(own.torus, 4.0))]
    initial = popflow.Parameters(0.1 * np.ones(10), bias=-1.0)
    run = popflow.train(task, popflow.Network(), initial, [0.0, 0.2], batch=50)
    assert run.reason == "reached_end" and np.isfinite(run.weights).all()


def test_what_an_own_input_raises_comes_through():
    failing = Failing(10)
    task = [(1, 0.5, failing), (-1, 0.5, nlgp(failing.torus, 4.0))]
    with pytest.raises(ArithmeticError, match="no four-point function today"):
        popflow.Input(failing).four_point(0, 1, 2)
    with pytest.raises(ArithmeticError, match="no four-point function today"):
        popflow.QuarticFlow(task, popflow.Neuron())
    with pytest.raises(ArithmeticError, match="no samples today"):
        popflow.train(task, popflow.Network(), popflow.Parameters(np.ones(10)), [0.0, 1.0])
    # The failure is over with the call that it was in.
    assert popflow.QuarticFlow(simple_task(10), popflow.Neuron()).dimension == 10


def test_an_own_input_must_be_one():
    with pytest.raises(ValueError, match="input of type dict: has no torus: must have torus"):
        popflow.Input({})


class Changed(OwnGaussian):
    """With one thing of it changed."""

    def __init__(self, sites=12, covariance=lambda c: c, four_point=lambda v: v, sample=lambda x: x):
        super().__init__(sites)
        self.changes = covariance, four_point, sample

    def covariance(self):
        return self.changes[0](super().covariance())

    def four_point(self, a, b, c):
        return self.changes[1](super().four_point(a, b, c))

    def sample(self, stream):
        return self.changes[2](super().sample(stream))


def replaced(**at):
    def change(covariance):
        for displacement, value in at.items():
            covariance[int(displacement[1:])] = value
        return covariance

    return change


def test_an_input_as_it_states_passes_its_check():
    for field in (Changed(), nlgp(popflow.Torus([4, 6]), 1.5), popflow.IsingRing(popflow.Torus([9]), 2)):
        report = popflow.check_input(field, samples=2000)
        assert report.passed and report.samples == 2000, report
        assert repr(report) == "<InputReport: passed, 2000 samples>"
        assert {check.name for check in report.checks} >= {"mean", "covariance", "invariance"}
        assert all(check.passed and abs(check.deviation) <= report.threshold for check in report.checks)


# False alarms have the probability 1e-3 when the seed is changed.
@pytest.mark.parametrize(
    "name, changed",
    [
        ("covariance", Changed(sample=lambda x: x / np.sqrt(3.0))),
        ("four-point function", Changed(four_point=lambda v: 0.0)),
        ("mean", Changed(sample=lambda x: x + 2.0)),
        ("evenness", Changed(sample=lambda x: (x**2 - 1.0) / np.sqrt(2.0))),
        ("invariance", Changed(sample=lambda x: x * np.where(np.arange(12) % 2, 1.1, 0.9))),
        ("finite", Changed(sample=lambda x: np.where(x > 3.0, np.inf, x))),
    ],
)
def test_what_is_wrong_with_an_input_is_named(name, changed):
    report = popflow.check_input(changed, samples=2000)
    assert not report.passed
    assert name in [check.name for check in report.checks if not check.passed]
    assert name in repr(report) and "DISAGREES" in str(report)


@pytest.mark.parametrize(
    "covariance, message",
    [
        (replaced(_3=0.4), "displacement 3 is 0.4 and at its opposite 9 it is 0: must be even"),
        (replaced(_0=-1.0), "displacement 0 is -1: must be positive"),
        (replaced(_2=np.nan), r"covariance\[2\] is nan: must be finite"),
        (replaced(_1=0.1, _11=0.1, _6=-0.9), "the spectrum of the covariance is .*: must not be negative"),
        (replaced(_1=2.0, _11=2.0), "must be largest at 0"),
    ],
)
def test_a_covariance_that_no_law_has_is_refused(covariance, message):
    field = Changed(covariance=covariance)
    task = [(1, 0.5, field), (-1, 0.5, nlgp(field.torus, 4.0))]
    for enters in (popflow.check_input, popflow.Input, popflow.gaussian_clone):
        with pytest.raises(ValueError, match=message):
            enters(field)
    with pytest.raises(ValueError, match=message):
        popflow.QuarticFlow(task, popflow.Neuron())


def test_what_an_own_input_raises_ends_its_check():
    with pytest.raises(ArithmeticError, match="no four-point function today"):
        popflow.check_input(Failing(10))


def test_bad_values_state_what_is_allowed():
    ring = popflow.Torus([10])
    with pytest.raises(ValueError, match='^marginal "cauchy": must be one of uniform, laplace, '):
        popflow.CopulaField(nlgp(ring, 2.0).latent, "cauchy")
    with pytest.raises(ValueError, match="gain"):
        nlgp(ring, 2.0, gain=-1.0)
