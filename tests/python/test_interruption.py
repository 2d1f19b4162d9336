"""Ctrl-C, and other threads, during long calls."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import popflow
import pytest
from conftest import simple_task

PREPARE = """
import collections, functools, itertools, sys, time, numpy as np, popflow
sys.path.insert(0, {folder!r})
from conftest import simple_task
task = simple_task(100)
initial = popflow.Parameters(0.1 * np.ones(100), bias=-1.0)
flow = popflow.QuarticFlow(task, popflow.Neuron(bias=-1.0))
table = popflow.CumulantTable(popflow.FourthCumulant(simple_task(12)[0][2]))

class Slow:
    torus = popflow.Torus([40])
    covariance = lambda self: np.eye(40)[0]
    sample = lambda self, stream: stream.normal(40)
    def four_point(self, a, b, c):
        time.sleep(0.02)
        return 1.0

class SlowToSample(Slow):
    def sample(self, stream):
        time.sleep(0.02)
        return stream.normal(40)

def again_and_again(call):
    # Without end, and without a look of Python itself for signals between the calls.
    collections.deque(itertools.starmap(call, itertools.repeat(())), maxlen=0)

print("started", flush=True)
"""

LONG = {
    "sgd": "popflow.train(task, popflow.Network(), initial, [0.0, 1e6])",
    "flow": "popflow.integrate(lambda w: flow(np.sin(w)), flow.state(initial), [0.0, 1e9])",
    "flow of the library": "popflow.integrate(flow, flow.state(initial), [0.0, 1e9],"
    " relative_tolerance=0.0, absolute_tolerance=1e-13, step_limit=10**9)",
    "orbit": "popflow.integrate_fixed(popflow.OrbitFlow(task, popflow.Network(), initial,"
    " samples=200), flow.state(initial), [0.0, 1e6])",
    "fixed point": "popflow.find_fixed_point(lambda w: (time.sleep(0.1), -w)[1], np.ones(1000))",
    "jacobian": "popflow.jacobian(lambda w: (time.sleep(0.1), w)[1], np.ones(1000))",
    "branch": "popflow.follow_branch(lambda p: lambda w: p - w, [0.0], 0.0, 1e9,"
    " step_limit=10**9)",
    "table": "popflow.CumulantTable(popflow.FourthCumulant(Slow()))",
    "operator": "popflow.exact_cumulant(Slow())",
    "flow's cumulants": "popflow.QuarticFlow([(1, 1.0, Slow())], popflow.Neuron())",
    "tiled": "popflow.tiled_cp(task[0][2], rank=2, starts=10**5)",
    "tiled, sampled entries": "popflow.tiled_cp(Slow(), entries=10**5)",
    "symmetric": "popflow.symmetric_cp(table, rank=6, starts=10**6)",
    "samples": "popflow.symmetric_cp_from_samples(popflow.draw(task[0][2], 1000), rank=6,"
    " starts=10**6)",
    "fresh samples": "popflow.symmetric_cp_from_fresh_samples(task[0][2], steps=10**7)",
    "subspace": "popflow.subspace_power(table, rank=20, starts=10**7, acceptance=-1.0)",
    "power": "popflow.z_eigenpairs(table, starts=10**7)",
    "decomposition": "popflow.decompose(popflow.read_experiment({experiment!r},"
    " ['decompose.rank=6', 'decompose.starts=10000', 'lattice.shape=[100]']))",
    "sweep": "popflow.run_sweep({sweep!r})",
    "flow's table": "popflow.run_flow(popflow.read_experiment({slow!r}), {output!r})",
    "tables of an experiment's flow": "popflow.read_experiment({slow!r}).flow()",
    "ladder": "popflow.run_ladder(popflow.read_experiment({experiment!r}, ['flow.t_end=1e8']))",
    "samples one by one": "popflow.draw(SlowToSample(), 10**6)",
    "normal numbers": "again_and_again(functools.partial(popflow.RandomStream(1).normal, 3 * 10**7))",
    "uniform numbers": "again_and_again("
    "functools.partial(popflow.RandomStream(1).uniform, 3 * 10**7))",
    "Markov chain": "popflow.phi4_chain(popflow.Torus([2000, 2000]), 0.1, 0.5, 10)",
    "experiment with a Markov chain": "popflow.read_experiment({chain!r})",
    "sweep with a Markov chain": "popflow.run_sweep({chains!r})",
    "evaluation": "popflow.evaluate(task, popflow.Network(), [initial] * 100, samples=10**9)",
    "measurements": "popflow.run_sgd(popflow.read_experiment({experiment!r},"
    " ['lattice.shape=[100]', 'sgd.t_end=0.1', 'sgd.learning_rate=1e-3',"
    " 'sgd.snapshots=101', 'sgd.test_samples=100000000']),"
    " {output!r})",
    "kurtosis": "popflow.sampled_kurtosis(task[0][2], np.ones((100, 100)), samples=10**9)",
    "places": "popflow.tiling(popflow.Torus([1000]), [[0.0, float(k)] for k in range(300)],"
    " draws=10**7)",
    "norm of samples": "popflow.OrbitCumulant(popflow.Torus([1000]),"
    " popflow.RandomStream(1).normal(10**7).reshape(-1, 1000)).squared_norm()",
    "similarities": "again_and_again(functools.partial(popflow.similarity_matrix,"
    " popflow.Torus([100]), *popflow.RandomStream(1).normal(10**5).reshape(2, 500, 100), True))",
    "experiment": "popflow.run_sgd(popflow.read_experiment({experiment!r}, ['sgd.t_end=1e6']),"
    " {output!r})",
}


# Whose table takes half a minute on two cores.
SLOW = """
lattice.shape = [400]
network.bias = -1.0
flow.t_end = 1.0
[[class]]
label = 1
input = { model = "copula", marginal = "student-t", shape = 6.0, correlation_length = 8.0 }
"""

# Whose chain takes minutes to come into equilibrium.
CHAIN = """
lattice.shape = [2000, 2000]
flow.t_end = 1.0
[[class]]
label = 1
input = { model = "phi4", hopping = 0.1, coupling = 0.5, samples = 10 }
"""


# Calls whose memory would exceed the limit if it grew with their samples, to 3 GiB and more.
FEW_BYTES = ("evaluation", "kurtosis")
BYTES = 3 * 2**30

# Seconds after which a call that was interrupted counts as deaf; on a machine that is not busy it
# ends within one.
LONGEST_WAIT = 120


@pytest.mark.parametrize("call", LONG)
def test_ctrl_c_ends_a_long_call_by_keyboard_interrupt(call, experiment_file, tmp_path):
    sweep = tmp_path / "sweep.toml"
    sweep.write_text('experiment = "experiment.toml"\nrun = "sgd"\n[[axis]]\nname = "t_end"\n'
                     'key = "sgd.t_end"\nvalues = [1e6, 2e6, 3e6]\n')
    (tmp_path / "slow.toml").write_text(SLOW)
    (tmp_path / "chain.toml").write_text(CHAIN)
    (tmp_path / "chains.toml").write_text(
        'experiment = "chain.toml"\n[[axis]]\nname = "bias"\nkey = "network.bias"\n'
        "values = [-1.0, -0.5]\n")
    names = {
        "sweep": str(sweep),
        "folder": os.path.dirname(__file__),
        "experiment": experiment_file,
        "output": str(tmp_path / "kept.nc"),
        "slow": str(tmp_path / "slow.toml"),
        "chain": str(tmp_path / "chain.toml"),
        "chains": str(tmp_path / "chains.toml"),
    }
    code = PREPARE.format(**names) + LONG[call].format(**names)
    if call in FEW_BYTES:
        code = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({BYTES}, {BYTES}))\n" + code
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "started\n"
        time.sleep(0.5)  # into the call; a signal before it would end Python just as well
        assert process.poll() is None, process.stderr.read()
        process.send_signal(signal.SIGINT)
        # The call would take minutes at least, or never end.
        _, errors = process.communicate(timeout=LONGEST_WAIT)
    finally:
        process.kill()
    assert errors.rstrip().endswith("KeyboardInterrupt"), errors
    if call in ("experiment", "flow's table", "measurements"):
        assert popflow.open(names["output"]).attrs["stop_reason"] == "interrupted"


def test_other_threads_run_during_a_long_call():
    """With the interpreter lock held, the other thread would not count at all."""
    counted = []
    over = threading.Event()

    def count():
        while not over.wait(0.01):
            counted.append(time.monotonic())

    thread = threading.Thread(target=count)
    thread.start()
    begun = time.monotonic()
    popflow.train(simple_task(100), popflow.Network(), popflow.Parameters(np.ones(100)), [0.0, 30.0])
    ended = time.monotonic()
    over.set()
    thread.join()
    assert any(begun < at < ended - 0.005 for at in counted)


def test_two_threads_may_share_a_flow():
    flow = popflow.QuarticFlow(simple_task(40), popflow.Neuron(bias=-1.0))
    state = np.random.default_rng(0).normal(size=40)
    alone = popflow.integrate(flow, state, [0.0, 20.0]).state
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(popflow.integrate(flow, state, [0.0, 20.0])))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all((run.state == alone).all() for run in found)
