"""Functions that use files leave standard error empty, from any thread."""

import pathlib
import subprocess
import sys

import numpy as np
import popflow
import pytest

PREPARE = """
import threading
import popflow
experiment = popflow.read_experiment({experiment!r})
# Its weights stay so small that the quartic flow has nothing to warn of.
short = popflow.read_experiment({experiment!r}, ["flow.t_end=0.1"])

def use():
    {use}

def in_another_thread():
    thread = threading.Thread(target=use)
    thread.start()
    thread.join()

"""

# In the main thread after another thread, and the other way round: NetCDF starts in the first that
# uses it.
THREADS = {
    "main first": "use(); in_another_thread(); use()",
    "another first": "in_another_thread(); use(); in_another_thread()",
}

USES = {
    "run_flow": "popflow.run_flow(short)",
    "run_flow to a file": "popflow.run_flow(short, {folder!r} + '/flow.nc')",
    "run_sgd": "popflow.run_sgd(experiment)",
    "decompose": "popflow.decompose(experiment)",
    "run_sweep": "popflow.run_sweep({folder!r} + '/sweep.toml')",
    "open": "popflow.open({folder!r} + '/there.nc')",
    "samples from NetCDF": "popflow.read_experiment({folder!r} + '/samples.toml')",
    "samples from NumPy": "popflow.read_experiment({folder!r} + '/numpy.toml')",
    "fixed_point": "popflow.fixed_point(experiment)",
    "xarray": "__import__('xarray').load_dataset({folder!r} + '/there.nc', decode_times=False)",
}

SAMPLES = """
lattice.shape = [4]
[[class]]
label = 1
input = {{ model = "samples", file = "{file}" }}
"""


@pytest.fixture
def folder(tmp_path, experiment_file):
    import xarray

    fields = np.random.default_rng(0).normal(size=(10, 4))
    np.save(tmp_path / "samples.npy", fields)
    xarray.Dataset({"x": (("sample", "site"), fields)}).to_netcdf(tmp_path / "samples.nc")
    (tmp_path / "numpy.toml").write_text(SAMPLES.format(file="samples.npy"))
    (tmp_path / "samples.toml").write_text(
        SAMPLES.format(file='samples.nc", variable = "x'))
    (tmp_path / "sweep.toml").write_text(
        'experiment = "experiment.toml"\n[[axis]]\nname = "bias"\nkey = "network.bias"\n'
        "values = [-1.0, -0.9]\n")
    popflow.run_flow(popflow.read_experiment(experiment_file), tmp_path / "there.nc")
    return str(tmp_path)


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("use", USES)
def test_standard_error_is_empty(use, threads, folder, experiment_file):
    # The module keeps only the thread quiet that imported it, for files that Python itself opens.
    if use == "xarray" and threads == "main first":
        use_there, code = USES[use], "use()"
    elif use == "xarray":
        use_there, code = "popflow.run_flow(short)", "in_another_thread(); " + USES[use]
    else:
        use_there, code = USES[use], THREADS[threads]
    names = {"folder": folder, "experiment": experiment_file}
    done = python(PREPARE.format(use=use_there.format(**names), **names) + code.format(**names))
    assert done.returncode == 0 and done.stderr == "", done.stderr


EXAMPLE = pathlib.Path(__file__).parents[2] / "apps" / "examples" / "simple_model.py"


@pytest.mark.parametrize("code", [
    "use()", "import threading; t = threading.Thread(target=use); t.start(); t.join()"])
def test_the_example_leaves_standard_error_empty(code):
    run = f"import runpy\ndef use():\n    runpy.run_path({str(EXAMPLE)!r}, run_name='__main__')\n"
    done = python(run + code)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert done.stdout.count("IPR = ") == 2


def test_threads_may_use_files_at_once(folder, experiment_file):
    """NetCDF is not safe to use from several threads: they wait for one another."""
    code = PREPARE.format(
        use="[popflow.open({folder!r} + '/there.nc') for _ in range(5)]; popflow.run_flow(short)"
        .format(folder=folder), experiment=experiment_file)
    code += """
threads = [threading.Thread(target=use) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
    done = python(code)
    assert done.returncode == 0 and done.stderr == "", done.stderr
