"""The cost of each kind of flow on the reference experiment of the ledger, all else by default.

    python3 validation/timing/flows.py <build>/bin/popflow [--rounds 5]

For each kind of flow in closed form, and for one, two and three latent directions, prints the number
of right-hand sides, the seconds of the whole command (the fastest of all rounds), the final IPR, and
how far the receptive field is at the worst snapshot from that of much smaller tolerances. The exit
status is 1 unless the latent flow, all else by default, ends at an IPR of 0.0966 to 1e-4, within 300
right-hand sides and 1.2 seconds: on two quiet processor cores.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

EXPERIMENT = pathlib.Path(__file__).parent.parent / "ledger" / "experiment.toml"
# The latent flow's right-hand side has jumps of the size of its quadrature's tolerance.
TIGHT = ["flow.relative_tolerance=1e-10", "flow.absolute_tolerance=1e-12"]
TIGHT_LATENT = ["flow.relative_tolerance=1e-8", "flow.absolute_tolerance=1e-10"]
ROWS = {
    **{kind: [f"flow.kind={kind}"] for kind in ("quartic", "gaussian", "edgeworth")},
    **{kind: [f"flow.kind={kind}"] for kind in ("conditional", "kurtosis")},
    "latent, 1": ["flow.kind=latent", "flow.latents=1"],
    "latent, 2": ["flow.kind=latent", "flow.latents=2"],
    "latent": ["flow.kind=latent"],
}
FINAL_IPR, IPR_MARGIN = 0.0966, 1e-4
MOST_EVALUATIONS, MOST_SECONDS = 300, 1.2


def flow(popflow, overrides, output):
    settings = [word for override in overrides for word in ("--set", override)]
    command = [popflow, "flow", str(EXPERIMENT), "-o", output, "--json", *settings]
    start = time.perf_counter()
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - start, json.loads(run.stdout)


def integration_error(popflow, overrides, default, folder):
    """At the worst snapshot, relative to the receptive field."""
    tight = f"{folder}/tight.nc"
    latent = "flow.kind=latent" in overrides
    flow(popflow, overrides + (TIGHT_LATENT if latent else TIGHT), tight)
    compared = subprocess.run(
        [popflow, "compare", tight, default, "--json"], check=True, capture_output=True, text=True
    )
    return max(json.loads(compared.stdout)["relative_error"])


def measured(popflow, overrides, rounds):
    with tempfile.TemporaryDirectory() as folder:
        default = f"{folder}/default.nc"
        runs = [flow(popflow, overrides, default) for _ in range(rounds)]
        result = runs[0][1]
        return {
            "evaluations": result["evaluations"],
            "seconds": min(seconds for seconds, _ in runs),
            "ipr": result["ipr"][0],
            "error": integration_error(popflow, overrides, default, folder),
        }


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("popflow")
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    print(f"{'flow.kind':<12} {'rates':>6} {'seconds':>8} {'IPR':>8}  {'integration error':>17}")
    rows = {}
    for name, overrides in ROWS.items():
        row = rows[name] = measured(given.popflow, overrides, given.rounds)
        print(
            f"{name:<12} {row['evaluations']:>6} {row['seconds']:>8.3f} {row['ipr']:>8.5f}"
            f"  {row['error']:>17.1e}"
        )
    latent = rows["latent"]
    return (
        abs(latent["ipr"] - FINAL_IPR) > IPR_MARGIN
        or latent["evaluations"] > MOST_EVALUATIONS
        or latent["seconds"] > MOST_SECONDS
    )


if __name__ == "__main__":
    sys.exit(main())
