import json
import os
import subprocess
import sys
import warnings

import numpy as np
import popflow
import pytest

needs_program = pytest.mark.skipif(
    "POPFLOW_PROGRAM" not in os.environ, reason="the program popflow is not built"
)


def test_an_experiment_is_read(experiment_file):
    experiment = popflow.read_experiment(experiment_file, ["class.0.input.gain=5"])
    assert experiment.torus == popflow.Torus([20]) and experiment.seed == 1
    assert [c.label for c in experiment.task] == [1.0, -1.0]
    assert experiment.overrides == ["class.0.input.gain=5"]
    assert experiment.neuron.bias == -1.0
    assert experiment.initial_parameters.first.shape == (1, 20)


def test_an_invalid_experiment_is_a_value_error_of_one_line(experiment_file):
    with pytest.raises(popflow.InvalidExperiment) as caught:
        popflow.read_experiment(experiment_file, ["class.0.input.gain=-1"])
    assert isinstance(caught.value, ValueError)
    text = str(caught.value)
    assert "class.0.input.gain" in text and "-1" in text and "\n" not in text
    with pytest.raises(popflow.InvalidExperiment, match="flow"):
        popflow.run_flow(popflow.read_experiment(experiment_file, ["flow.kind=orbits"]))


@needs_program
def test_results_are_those_of_the_program(experiment_file, tmp_path):
    program = os.environ["POPFLOW_PROGRAM"]
    for verb, run in ("flow", popflow.run_flow), ("sgd", popflow.run_sgd):
        file = str(tmp_path / f"{verb}.nc")
        subprocess.run([program, verb, experiment_file, "-o", file, "--quiet"], check=True)
        theirs = popflow.open(file)
        ours = run(popflow.read_experiment(experiment_file))
        assert theirs.equals(ours)
        assert ours.attrs["experiment"] == theirs.attrs["experiment"]


@needs_program
def test_an_invalid_experiment_has_the_text_of_the_program(experiment_file):
    said = subprocess.run(
        [os.environ["POPFLOW_PROGRAM"], "flow", experiment_file, "--set", "network.bias=x"],
        capture_output=True, text=True,
    )
    assert said.returncode == 2
    with pytest.raises(popflow.InvalidExperiment) as caught:
        popflow.read_experiment(experiment_file, ["network.bias=x"])
    assert str(caught.value) in said.stderr


def test_results_are_an_xarray_data_set(experiment_file, tmp_path):
    import xarray

    file = tmp_path / "flow.nc"
    results = popflow.run_flow(popflow.read_experiment(experiment_file), file)
    assert isinstance(results, xarray.Dataset)
    assert results.weights.dims == ("snapshot", "neuron", "site")
    assert "time" in results.coords and results.time.values[-1] == 20.0
    assert results.attrs["kind"] == "flow" and results.attrs["stop_reason"] == "reached_end"
    assert popflow.inverse_participation_ratio(results.weights.values[-1]) == pytest.approx(
        results.ipr.values[-1]
    )
    assert popflow.open(file).equals(results)


def test_a_flow_that_neglects_much_warns_once(experiment_file):
    large = popflow.read_experiment(experiment_file, ["network.initial_scale=2"])
    with pytest.warns(UserWarning, match="neglects terms up to .* from tau = 0 on") as caught:
        results = popflow.run_flow(large)
    assert len(caught) == 1
    assert results.neglected_terms.dims == ("snapshot",) and results.neglected_terms.max() > 0.1
    flow = large.flow()
    assert flow.neglected_terms(flow.state(results.weights.values[0])) == pytest.approx(
        results.neglected_terms.values[0]
    )
    small = ["network.initial_scale=0.01", "flow.t_end=0.1"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = popflow.run_flow(popflow.read_experiment(experiment_file, small))
        assert results.neglected_terms.max() < 0.1
        results = popflow.run_flow(popflow.read_experiment(experiment_file, [*small, "flow.kind=latent"]))
        assert "neglected_terms" not in results


def test_decompositions_are_data_sets(experiment_file):
    factors = popflow.decompose(popflow.read_experiment(experiment_file))
    assert factors.attrs["kind"] == "decomposition"
    assert factors.factors.shape == (1, 20)
    assert np.linalg.norm(factors.factors) == pytest.approx(1.0)


def test_what_cannot_be_written_is_an_os_error(experiment_file, tmp_path):
    experiment = popflow.read_experiment(experiment_file)
    with pytest.raises(popflow.UnwritableOutput, match="nowhere") as caught:
        popflow.run_flow(experiment, tmp_path / "nowhere" / "flow.nc")
    assert isinstance(caught.value, OSError)


def said_by_the_program(*arguments):
    command = [os.environ["POPFLOW_PROGRAM"], *arguments, "--json", "--quiet"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@needs_program
def test_growth_rates_and_moments_are_those_of_the_program(experiment_file):
    experiment = popflow.read_experiment(experiment_file)
    rates = popflow.growth_rates(experiment)
    theirs = said_by_the_program("stability", experiment_file)
    assert rates.dims == ("wave_number",) and rates.values.tolist() == theirs["growth_rate"]
    assert rates.sel(wave_number=19) == rates.sel(wave_number=1)
    theirs = said_by_the_program("moments", experiment_file, "--class", "1", "--at", "1,2,3")
    assert popflow.moments(experiment, 1, 2, 3, task_class=1) == theirs


def test_growth_rates_on_a_torus_have_two_wave_numbers(experiment_file):
    experiment = popflow.read_experiment(experiment_file, ["lattice.shape=[4, 6]"])
    rates = popflow.growth_rates(experiment)
    assert rates.dims == ("row_wave_number", "column_wave_number") and rates.shape == (4, 6)
    half = popflow.growth_rate(experiment.task, experiment.neuron).reshape(4, 4)
    assert rates.values[:, :4].ravel().tolist() == half.ravel().tolist()


@needs_program
@pytest.mark.parametrize("kind", ["quartic", "gaussian"])
def test_fixed_points_are_those_of_the_program(experiment_file, kind):
    overrides = [f"flow.kind={kind}", "flow.t_end=50"]
    found = popflow.fixed_point(popflow.read_experiment(experiment_file, overrides))
    flags = [word for override in overrides for word in ("--set", override)]
    theirs = said_by_the_program("fixed-point", experiment_file, *flags)
    assert found.attrs["stop_reason"] == theirs["stop_reason"] == "converged"
    assert found.norm.values == pytest.approx(theirs["norm"], rel=1e-7)
    assert found.ipr.values == pytest.approx(theirs["ipr"], rel=1e-7)
    assert found.growth_rate.values == pytest.approx(theirs["growth_rate"], abs=1e-8)
    assert found.attrs["unstable"] == theirs["unstable"] and found.attrs["t"] == 50.0
    assert found.weights.dims == ("neuron", "site")
    assert found.attrs["steps"] == theirs["steps"]
    rates = [mode["growth_rate"] for mode in theirs["translation"]]
    assert found.translation_rate.values == pytest.approx(rates, abs=1e-8)
    assert found.drift.values == pytest.approx(theirs["drift"], abs=1e-10)


def test_the_spectrum_comes_also_where_the_search_does_not_converge(experiment_file):
    overrides = ["flow.t_end=1", "fixed_point.step_limit=1", "fixed_point.tolerance=1e-14"]
    experiment = popflow.read_experiment(experiment_file, overrides)
    assert experiment.fixed_point_options["tolerance"] == 1e-14
    found = popflow.fixed_point(experiment)
    assert found.attrs["stop_reason"] == "step_limit" and found.attrs["steps"] == 1
    assert found.growth_rate.size == experiment.torus.sites


def test_the_flow_of_an_experiment_can_be_integrated(experiment_file):
    experiment = popflow.read_experiment(experiment_file)
    flow = experiment.flow()
    start = flow.state(experiment.initial_parameters)
    run = popflow.integrate(flow, start, experiment.flow_times, **experiment.integration_options)
    results = popflow.run_flow(experiment)
    assert run.weights == pytest.approx(results.weights.values, abs=1e-6)
    back = flow.parameters(start).values
    assert back == pytest.approx(experiment.initial_parameters.values, abs=1e-15)
    with pytest.raises(popflow.InvalidExperiment, match="must not be sampled"):
        popflow.read_experiment(
            experiment_file, ["flow.kind=orbit", "flow.samples=10"]
        ).flow()


@pytest.fixture
def sweep_file(experiment_file, tmp_path):
    file = tmp_path / "sweep.toml"
    file.write_text(
        """experiment = "experiment.toml"
run = "flow"
weights = true
[[axis]]
name = "bias"
key = "network.bias"
values = [-1.0, -0.5, 0.5]
"""
    )
    return str(file)


@needs_program
def test_a_sweep_is_that_of_the_program(sweep_file, tmp_path):
    theirs = str(tmp_path / "theirs.nc")
    command = [os.environ["POPFLOW_PROGRAM"], "sweep", sweep_file, "-o", theirs, "--quiet"]
    subprocess.run(command, check=True)
    ours = popflow.run_sweep(sweep_file, tmp_path / "ours.nc")
    assert ours.equals(popflow.open(theirs)) and ours.attrs["kind"] == "sweep"
    assert ours.weights.sizes == {"bias": 3, "neuron": 1, "site": 20}
    assert (ours.stop_reason == "reached_end").all() and (ours.failure == "").all()
    assert ours.sel(bias=-0.5).tau == 20.0


def test_a_bad_sweep_is_a_value_error(sweep_file, tmp_path):
    with open(sweep_file, "a") as file:
        file.write("colour = 1\n")
    with pytest.raises(popflow.InvalidExperiment, match="colour"):
        popflow.run_sweep(sweep_file, tmp_path / "sweep.nc")
    assert not (tmp_path / "sweep.nc").exists()


@needs_program
def test_a_ladder_is_a_data_set_of_every_kind(experiment_file, tmp_path):
    settings = ["flow.t_end=2", "flow.snapshots=3", "flow.samples=20", "flow.runs=2"]
    ours = popflow.run_ladder(popflow.read_experiment(experiment_file, settings))
    assert list(ours.kind.values[:1]) == ["population"] and "latent 3" in ours.kind.values
    assert ours.error.dims == ("kind", "snapshot") and "time" in ours.coords
    assert ours.weights.dims == ("kind", "snapshot", "neuron", "site")
    latent = ours.sel(kind="latent 2")
    population = ours.weights.sel(kind="population").values
    distance = [
        np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(latent.weights.values, population)
    ]
    np.testing.assert_allclose(latent.distance, distance, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(
        latent.error**2, np.maximum(0, latent.distance**2 - latent.standard_error**2), atol=1e-15
    )
    file = str(tmp_path / "ladder.nc")
    command = [os.environ["POPFLOW_PROGRAM"], "ladder", experiment_file, "-o", file, "--quiet"]
    for setting in settings:
        command += ["--set", setting]
    subprocess.run(command, check=True)
    theirs = popflow.open(file)
    assert theirs.drop_vars("seconds").equals(ours.drop_vars("seconds"))
    assert ours.attrs["kind"] == "ladder" and ours.attrs["overrides"] == "\n".join(settings)


def test_kinds_that_do_not_apply_are_nan_with_a_reason(experiment_file):
    settings = ["network.hidden=2", "flow.t_end=1", "flow.snapshots=3", "flow.samples=20"]
    ladder = popflow.run_ladder(popflow.read_experiment(experiment_file, settings))
    assert "network.hidden" in str(ladder.reason.sel(kind="kurtosis").values)
    assert np.isnan(ladder.error.sel(kind="kurtosis")).all()
    assert str(ladder.reason.sel(kind="gaussian").values) == ""
    assert ladder.neuron_error.sel(kind="gaussian").shape == (3, 2)


def test_time_is_a_coordinate_for_plain_xarray(experiment_file, tmp_path):
    import xarray

    file = tmp_path / "flow.nc"
    ours = popflow.run_flow(popflow.read_experiment(experiment_file), file)
    with xarray.open_dataset(file) as plain:
        assert "time" in plain.coords and plain.load().equals(ours)
        assert plain.ipr.coords["time"].values[-1] == 20.0


def test_a_run_that_diverges_warns(experiment_file):
    experiment = popflow.read_experiment(experiment_file, ["network.bias=-2", "network.initial_scale=1"])
    said = "stopped before the end, at tau = .*: not_finite"
    with pytest.warns(RuntimeWarning, match=said) as told:
        results = popflow.run_flow(experiment)
    assert results.attrs["stop_reason"] == "not_finite" and told[0].filename == __file__


def test_points_that_diverge_are_counted(sweep_file):
    with open(sweep_file) as file:
        text = file.read().replace("[-1.0, -0.5, 0.5]", "[-2, -1]")
    with open(sweep_file, "w") as file:
        file.write('set = ["network.initial_scale=1"]\n' + text)
    with pytest.warns(RuntimeWarning, match="1 of 2 points failed, the first: not_finite") as told:
        results = popflow.run_sweep(sweep_file)
    assert results.stop_reason.values.tolist() == ["not_finite", "reached_end"]
    assert told[0].filename == __file__


# Python ignores the signal of a file that is too large; HDF5 once ended the process at its exit.
def test_a_file_that_may_not_grow_is_an_error_and_python_ends_well(experiment_file, tmp_path):
    code = f"""import popflow, resource
experiment = popflow.read_experiment({str(experiment_file)!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    popflow.run_flow(experiment, {str(tmp_path / "flow.nc")!r})
except RuntimeError as error:
    assert str(error).endswith("flow.nc: cannot be written: File too large"), error
else:
    raise SystemExit("no error")
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir() if "flow.nc" in path.name] == []
