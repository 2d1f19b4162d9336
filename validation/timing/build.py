"""How long popflow's headers and the quickstart's program take to compile.

build.py [--compiler g++] [--builds N]

Headers: the median of five compilations of a file that includes only that header, in units of
<Eigen/Core>, with -O2. Builds: N builds from nothing of what apps/quickstart.sh builds (0: none), in
seconds of wall and processor time, and their median in units of compilations of <Eigen/Core>, because
machines differ. Run it on a machine that does nothing else. The exit status is 1 if a header costs more
than its bound.
"""

import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[2]
REFERENCE = "Eigen/Core"
BOUNDS = {"popflow/experiment/experiment.hpp": 1.5, "popflow/dynamics/integrate.hpp": 1.5, "popflow/popflow.hpp": None}


def seconds_of(command, **options):
    """Wall and processor seconds of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, **options)
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return end - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def header_seconds(compiler, header):
    """Median processor time of a file that includes a header."""
    flags = ["-std=c++20", "-O2", "-DEIGEN_MAX_ALIGN_BYTES=64", "-DEIGEN_MAX_STATIC_ALIGN_BYTES=64",
             f"-I{ROOT / 'lib' / 'include'}", "-isystem", "/usr/include/eigen3"]
    command = [compiler, *flags, "-x", "c++", "-", "-c", "-o", os.devnull]
    return statistics.median(
        seconds_of(command, input=f"#include <{header}>\n", text=True)[1] for _ in range(5))


def build_seconds():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cmake", "--preset", "release", "-B", folder, "-D", "POPFLOW_UNITY=ON",
                        "-D", "POPFLOW_BUILD_TESTS=OFF", "-D", "POPFLOW_BUILD_VALIDATION=OFF"],
                       cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        return seconds_of(["cmake", "--build", folder, "--target", "popflow_program", "-j", str(os.cpu_count())],
                          stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--builds", type=int, default=3)
    arguments = parser.parse_args()
    status = 0
    unit = header_seconds(arguments.compiler, REFERENCE)
    print(f"{'<' + REFERENCE + '>':<40}{unit:8.2f} s")
    for header, bound in BOUNDS.items():
        ratio = header_seconds(arguments.compiler, header) / unit
        too_much = bound is not None and ratio > bound
        status |= too_much
        print(f"{header:<40}{ratio:8.2f} times that{f', at most {bound}' if bound else ''}"
              f"{': TOO MUCH' if too_much else ''}")
    builds = []
    for _ in range(arguments.builds):
        builds.append(build_seconds())
        print(f"{'build of the quickstart':<40}{builds[-1][0]:8.1f} s wall, {builds[-1][1]:.1f} s processor")
    if builds:
        processor = statistics.median(build[1] for build in builds)
        print(f"{'median':<40}{statistics.median(build[0] for build in builds):8.1f} s wall, "
              f"{processor:.1f} s processor, {processor / unit:.0f} times <{REFERENCE}>")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
