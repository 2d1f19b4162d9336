"""One neuron on a ring learns to tell two correlation lengths apart, as simple_model.cpp does.

Its receptive field localises on non-Gaussian inputs, and not on Gaussian ones of the same
covariance. Takes about a second.
"""

import numpy as np
import popflow


def receptive_field(task, initial):
    """Integrates the closed-form flow to tau = 100 and returns the receptive field."""
    neuron = popflow.Neuron("erf", bias=-1.0, second_layer=1.0)
    flow = popflow.QuarticFlow(task, neuron, loss="squared")
    trajectory = popflow.integrate(flow, flow.state(initial), [0.0, 100.0])
    return trajectory.weights[-1, 0]


ring = popflow.Torus([100])


def nlgp(correlation_length):
    latent = popflow.GaussianField(ring, popflow.gaussian_correlation(ring, correlation_length))
    return popflow.NonlinearGaussianField(latent, gain=3.0)


task = [(+1, 0.5, nlgp(8.0)), (-1, 0.5, nlgp(1.0))]
control = [(label, p, popflow.gaussian_clone(x)) for label, p, x in task]

initial = 0.01 * np.random.default_rng(1).uniform(-1.0, 1.0, ring.sites)
for name, inputs in ("NLGP:", task), ("Gaussian clone:", control):
    u = receptive_field(inputs, initial)
    ipr = popflow.inverse_participation_ratio(u)
    print(f"{name:15} |u| = {np.linalg.norm(u):.4f}, IPR = {ipr:.4f}")
