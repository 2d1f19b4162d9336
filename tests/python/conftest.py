"""The task of apps/examples/simple_model.cpp, on rings of any size, for all tests."""

import popflow
import pytest


def nlgp(ring, correlation_length, gain=3.0):
    latent = popflow.GaussianField(ring, popflow.gaussian_correlation(ring, correlation_length))
    return popflow.NonlinearGaussianField(latent, gain)


def simple_task(sites):
    ring = popflow.Torus([sites])
    return [(+1, 0.5, nlgp(ring, 8.0)), (-1, 0.5, nlgp(ring, 1.0))]


@pytest.fixture
def experiment_file(tmp_path):
    file = tmp_path / "experiment.toml"
    file.write_text(
        """seed = 1
[lattice]
shape = [20]
[[class]]
label = 1
input = { model = "nlgp", gain = 3.0, correlation_length = 4.0 }
[[class]]
label = -1
input = { model = "nlgp", gain = 3.0, correlation_length = 1.0 }
[network]
activation = "erf"
bias = -1.0
second_layer = 1.0
[flow]
kind = "quartic"
t_end = 20.0
snapshots = 5
[sgd]
learning_rate = 0.05
batch = 100
t_end = 2.0
snapshots = 3
runs = 2
test_samples = 100
"""
    )
    return str(file)
