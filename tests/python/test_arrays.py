"""Arrays that are passed and given back without a copy."""

import ctypes

import numpy as np
import popflow
import pytest
from conftest import simple_task

MILLION = 1_000_000


class MemoryInUse:
    """Bytes that malloc has given out, among them what the module allocates."""

    class Counts(ctypes.Structure):
        _fields_ = [
            (name, ctypes.c_size_t)
            for name in (
                "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
            ).split()
        ]

    def __init__(self):
        self.mallinfo2 = ctypes.CDLL(None).mallinfo2
        self.mallinfo2.restype = self.Counts

    def __call__(self):
        counts = self.mallinfo2()
        return counts.uordblks + counts.hblkhd


def peak_kilobytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def reset_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def peak_rises_by(call, *arguments):
    """Kilobytes by which a call raises the peak of the resident memory."""
    call(*arguments)
    try:
        reset_peak()
    except OSError:
        pytest.skip("the peak of the memory cannot be reset here")
    before = peak_kilobytes()
    call(*arguments)
    return peak_kilobytes() - before


def test_a_million_entries_are_passed_without_a_copy():
    """A copy raises the peak by the 8 megabytes of the array, as that of a view with gaps does."""
    u = np.random.default_rng(0).normal(size=MILLION)
    participation = popflow.inverse_participation_ratio
    assert peak_rises_by(participation, np.repeat(u, 2)[::2]) > 7000
    assert peak_rises_by(participation, u) < 1000
    assert peak_rises_by(participation, u.reshape(10, MILLION // 10)) < 1000
    assert peak_rises_by(popflow.dominant_sign, u) < 1000
    assert peak_rises_by(popflow.centre, popflow.Torus([MILLION]), u) < 1000


def test_a_result_is_given_back_without_a_copy():
    in_use = MemoryInUse()
    before = in_use()
    x = popflow.RandomStream(1).normal(MILLION)
    assert 8 * MILLION <= in_use() - before < 8.1 * MILLION
    assert not x.flags.owndata and x.flags.writeable


def test_parameters_are_views_of_one_array():
    parameters = popflow.Parameters(np.zeros((2, 5)), bias=[1.0, 2.0], second=3.0)
    assert parameters.first.ctypes.data == parameters.values.ctypes.data
    parameters.first[1, 2] = 7.0
    parameters.bias[0] = -1.0
    assert list(parameters.values) == [0] * 7 + [7, 0, 0, -1, 2, 3, 3]


def test_states_are_a_view_that_keeps_its_owner():
    run = popflow.integrate(lambda w: -w, np.ones(4), [0.0, 1.0])
    assert run.state.ctypes.data == run.state.ctypes.data
    state = run.state
    del run
    assert (state[0] == 1.0).all()


def test_covariances_are_views():
    field = simple_task(20)[0][2]
    covariance = field.covariance()
    assert covariance.ctypes.data == field.covariance().ctypes.data
    assert not covariance.flags.writeable
    del field
    assert covariance[0] == pytest.approx(1.0)
