"""The library's threads in a process that holds them: forks, and what limits their number."""

import os
import subprocess
import sys

import pytest

# `compute` shares out 40 pieces; its result is the same number in any process and by any threads.
PREPARE = f"""
import os, sys, time
sys.path.insert(0, {os.path.dirname(__file__)!r})
import popflow
from conftest import simple_task

task = simple_task(40)
weights = popflow.RandomStream(seed=1).normal(40)

def compute(seed=1, samples=10240):
    [result] = popflow.evaluate(task, popflow.Network(), [popflow.Parameters(weights)],
                                samples=samples, seed=seed)
    return result.loss

def threads():
    return len(os.listdir("/proc/self/task"))

def helpers(before, expected):
    # How many there are beyond those before; a thread that was joined may be listed a moment more.
    while threads() - before > expected:
        time.sleep(0.01)
    return threads() - before

"""


def run(code, **environment):
    """The output of Python code in a process of its own; one that hangs is ended, and fails."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("OMP_")} | environment
    return subprocess.run([sys.executable, "-c", PREPARE + code], env=variables, text=True,
                          check=True, capture_output=True, timeout=300).stdout.split()


def test_a_process_that_is_forked_after_the_use_of_threads_computes():
    """Children, a child's child, and children forked while another thread computes."""
    assert run("""
import threading
expected = compute()

def forked(body):
    child = os.fork()
    if child == 0:
        os._exit(0 if body() == expected else 1)
    return os.waitpid(child, 0)[1]

def child_of_child():
    assert forked(compute) == 0
    return compute()

statuses = [forked(compute) for _ in range(5)] + [forked(child_of_child)]
over = threading.Event()
def go_on():
    while not over.is_set():
        compute(2)
other = threading.Thread(target=go_on)
other.start()
statuses += [forked(compute) for _ in range(5)]
over.set()
other.join()
print(sum(statuses), compute() == expected)
""", OMP_NUM_THREADS="3") == ["0", "True"]


def test_a_process_that_is_forked_while_transforms_are_planned_computes():
    """A child must not inherit the planner's lock from another thread: it would wait for ever.

    Without the lock's handlers about one child in thirty did so: 200 of them find it with a probability
    of 0.999. A child that hangs is ended by its alarm."""
    assert run("""
import signal, threading
expected = compute(samples=64)
over = threading.Event()
def go_on():
    while not over.is_set():
        compute(samples=64)
other = threading.Thread(target=go_on)
other.start()
statuses = []
for _ in range(200):
    child = os.fork()
    if child == 0:
        signal.alarm(300)
        os._exit(0 if compute(samples=64) == expected else 1)
    statuses.append(os.waitpid(child, 0)[1])
over.set()
other.join()
print(sum(statuses))
""") == ["0"]


def test_multiprocessing_by_fork_computes():
    assert run("""
import multiprocessing
expected = [compute(seed) for seed in range(4)]
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(compute, range(4)) == expected)
""", OMP_NUM_THREADS="3") == ["True"]


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted in /proc")
@pytest.mark.parametrize("value, expected", [("1", 0), ("3", 2), ("4,2", 3)])
def test_omp_num_threads_says_how_many(value, expected):
    """Helpers beside the calling thread; the first number of a list. Results are the same."""
    code = f"before = threads(); print(compute(), helpers(before, {expected}))"
    loss, helpers = run(code, OMP_NUM_THREADS=value)
    assert int(helpers) == expected
    assert [loss] == run("print(compute())", OMP_NUM_THREADS="2")


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this platform")
def test_by_default_there_are_as_many_threads_as_the_process_may_use_processors():
    count = "before = threads(); compute(); print(helpers(before, {}))"
    one = "os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); "
    others = min(len(os.sched_getaffinity(0)), 40) - 1
    assert run(one + count.format(0)) == ["0"]
    assert run(count.format(others)) == [str(others)]


def test_what_an_input_raises_in_a_thread_is_raised_by_the_call():
    assert run("""
import numpy as np
class Bad:
    torus = popflow.Torus([40])
    covariance = lambda self: np.eye(40)[0]
    four_point = lambda self, a, b, c: 0.0
    def sample(self, stream):
        raise LookupError("nothing left")
for _ in range(20):
    try:
        popflow.evaluate([(1, 1.0, Bad())], popflow.Network(), [popflow.Parameters(weights)],
                         samples=10240)
    except LookupError as error:
        print(error.args[0].replace(" ", "_"))
""", OMP_NUM_THREADS="3") == ["nothing_left"] * 20
