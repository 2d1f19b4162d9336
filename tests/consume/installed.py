"""The installed library, as pkg-config tells of it."""

import os
import pathlib
import shlex
import shutil
import subprocess

STANDARD = "-std=c++20"


def flags(prefix, which):
    """What `pkg-config WHICH popflow` prints for the installation below the prefix, as a list."""
    folder = next(pathlib.Path(prefix).rglob("popflow.pc")).parent
    environment = {**os.environ, "PKG_CONFIG_PATH": str(folder)}
    command = ["pkg-config", which, "popflow"]
    found = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return shlex.split(found.stdout)


def clang():
    """A clang++ that is installed, if there is one."""
    names = ("clang++", "clang++-14", "clang++-19")
    return next((name for name in names if shutil.which(name)), None)
