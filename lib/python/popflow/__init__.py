"""popflow: how receptive fields form in two-layer networks.

    ring = popflow.Torus([100])
    smooth = popflow.NonlinearGaussianField(
        popflow.GaussianField(ring, popflow.gaussian_correlation(ring, 8.0)), gain=3.0)

Arrays are NumPy arrays of doubles. Fields have N entries, one a site; sets of fields are K x N.
Equation numbers are those of lib/theory.md in popflow's source. Bad arguments raise ValueError with
what is allowed, sites outside the lattice IndexError. Long calls let other threads run.
"""

from ._core import *
from ._core import __version__
from ._results import decompose, fixed_point, growth_rates, moments, open
from ._results import run_flow, run_ladder, run_sgd, run_sweep
