"""The cost of a flow from Python, in units of its cost from C++, run alternately.

    PYTHONPATH=<build>/python python3 validation/timing/python_flow.py \\
        <build>/validation/bench_python_flow [--rounds 41] [--limit 1.05]

The flow is that of apps/examples/simple_model.cpp, to tau = 100 with 101 snapshots. Prints the
medians and their ratio; the exit status is 1 when that exceeds the limit.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import numpy as np
import popflow


class FromPython:
    def __init__(self):
        ring = popflow.Torus([100])

        def nlgp(xi):
            latent = popflow.GaussianField(ring, popflow.gaussian_correlation(ring, xi))
            return popflow.NonlinearGaussianField(latent, 3.0)

        task = [(+1, 0.5, nlgp(8.0)), (-1, 0.5, nlgp(1.0))]
        self.flow = popflow.QuarticFlow(task, popflow.Neuron("erf", bias=-1.0))
        self.initial = self.flow.state(0.01 * np.sin(np.arange(100.0) ** 2 + 1.0))
        self.times = popflow.linear_schedule(100.0, 101)

    def __call__(self):
        start = time.perf_counter()
        run = popflow.integrate(self.flow, self.initial, self.times)
        seconds = time.perf_counter() - start
        return {
            "seconds": seconds,
            "evaluations": run.evaluations,
            "norm": float(np.linalg.norm(run.state[-1])),
        }


class FromCpp:
    def __init__(self, program):
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self):
        self.process.stdin.write("again\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--limit", type=float, default=1.05)
    arguments = parser.parse_args()

    python, cpp = FromPython(), FromCpp(arguments.program)
    ours, theirs = python(), cpp()  # once without being counted
    assert ours["evaluations"] == theirs["evaluations"], (ours, theirs)
    assert abs(ours["norm"] / theirs["norm"] - 1.0) < 1e-12, (ours, theirs)
    seconds = {"Python": [], "C++": []}
    for _ in range(arguments.rounds):
        seconds["Python"].append(python()["seconds"])
        seconds["C++"].append(cpp()["seconds"])
    cpp.end()

    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, median in medians.items():
        spread = statistics.quantiles(seconds[name], n=4)
        print(
            f"{name:6} {1e3 * median:8.3f} ms (quartiles {1e3 * spread[0]:.3f} to"
            f" {1e3 * spread[2]:.3f}), {ours['evaluations']} evaluations"
        )
    ratio = medians["Python"] / medians["C++"]
    print(f"ratio  {ratio:8.4f}")
    return 0 if ratio <= arguments.limit else 1


if __name__ == "__main__":
    sys.exit(main())
