"""Runs every block of code in README.md with an installed popflow, in order, in an empty folder.

run.py README --prefix WHERE_IT_IS_INSTALLED --compiler CXX --scratch FOLDER

A block's info string says what becomes of it:

    ```sh              every line is run, with popflow in the PATH, and must exit with status 0
    ```sh ci           is not run here: CI runs it, or could not run itself
    ```console         commands behind a $, and what they print
    ```cpp             a program, compiled by pkg-config and run
    ```python          run in a fresh interpreter, from the main thread and from another; standard error
                       must stay empty
    ```toml FILE       an experiment or sweep, written to FILE
    ```toml fragment   sections that an experiment may have: set in first.toml, and read
    ```text            what the program before it printed

Printed numbers may differ in the last of four digits, and times at will. A block of any other kind, and a
block that is only indented, is an error: nothing in the README is left out.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tomllib

NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?")
TIME = re.compile(r"\d+\.?\d* m?s\b")
RELATIVE_TOLERANCE = 1e-3  # four digits: what a README needs, and other processors give


# A block of Python, from the main thread and from another.
RUN = "import runpy; runpy.run_path('block.py', run_name='__main__')"
IN_THREADS = (RUN, f"import threading; t = threading.Thread(target=lambda: exec({RUN!r})); t.start()")


class Failure(Exception):
    pass


def blocks(text):
    """(line, info, body) of every fenced block; fails for an indented one."""
    found, body, blank = [], None, True
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```") and not line.startswith("```"):
            raise Failure(f"line {number}: an indented block is not run")
        if line.startswith("```"):
            if body is None:
                start, info, body = number, line[3:].strip(), []
            else:
                found.append((start, info, "\n".join(body) + "\n"))
                body = None
        elif body is not None:
            body.append(line)
        elif blank and line.startswith("    "):
            raise Failure(f"line {number}: indented code is not run: fence it, and say what it is")
        blank = not line.strip()
    if body is not None:
        raise Failure(f"line {start}: the block does not end")
    return found


def same(expected, found):
    """Whether two texts agree, up to spaces, rounding and times."""
    expected, found = (TIME.sub("TIME", text) for text in (expected, found))
    if NUMBER.sub("#", expected).split() != NUMBER.sub("#", found).split():
        return False
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(found), strict=True)
    return all(abs(float(a) - float(b)) <= RELATIVE_TOLERANCE * abs(float(a)) for a, b in pairs)


def folder_of(prefix, file):
    """The folder below the prefix that holds a file; None where there is none."""
    return next((path.parents[file.count("/")] for path in prefix.rglob(file)), None)


class Reader:
    """A reader of the README, who types what it shows."""

    def __init__(self, options):
        self.options = options
        self.module = folder_of(options.prefix, "popflow/__init__.py")  # None if it is not built
        self.environment = dict(
            os.environ,
            PATH=f"{options.prefix / 'bin'}{os.pathsep}{os.environ['PATH']}",
            PKG_CONFIG_PATH=str(folder_of(options.prefix, "popflow.pc")),
            PYTHONPATH=str(self.module or ""),
            PYTHONDONTWRITEBYTECODE="1",
            # mpirun's two ranks, on a machine of one processor (the first name is Open MPI 4's, the
            # second 5's) and for the root of a container.
            OMPI_MCA_rmaps_base_oversubscribe="1",
            PRTE_MCA_rmaps_default_mapping_policy=":oversubscribe",
            OMPI_ALLOW_RUN_AS_ROOT="1",
            OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
        )
        self.printed = None

    def run(self, *command):
        """The output of a command; fails unless it exits with status 0."""
        done = subprocess.run(command, env=self.environment, text=True, capture_output=True)
        if done.returncode != 0:
            raise Failure(f"{shlex.join(command)}: status {done.returncode}\n{done.stderr}")
        return done.stdout

    def sh(self, argument, body):
        if argument == "ci":
            for script in re.findall(r"^bash (\S+)", body, re.M):
                if not (self.options.readme.parent / script).is_file():
                    raise Failure(f"there is no {script}")
            return
        for line in body.splitlines():
            if command := shlex.split(line, comments=True):
                self.run(*command)

    def console(self, _, body):
        for shown in body.split("$ ")[1:]:
            command, expected = shown.split("\n", 1)
            self.printed = self.run(*shlex.split(command, comments=True))
            self.text(_, expected)

    def cpp(self, _, body):
        pathlib.Path("block.cpp").write_text(body)
        flags = self.run("pkg-config", "--cflags", "--libs", "popflow").split()
        self.run(self.options.compiler, "-std=c++20", "-O2", "block.cpp", *flags, "-o", "block")
        self.printed = self.run("./block")

    def python(self, _, body):
        pathlib.Path("block.py").write_text(body)
        self.printed = None
        if not self.module:
            return
        for code in IN_THREADS:
            done = subprocess.run(
                [sys.executable, "-c", code], env=self.environment, text=True, capture_output=True
            )
            if done.returncode != 0 or done.stderr:
                raise Failure(f"python: status {done.returncode}, standard error\n{done.stderr}")
            self.printed = done.stdout

    def toml(self, argument, body):
        content = tomllib.loads(body)
        if argument != "fragment":
            pathlib.Path(argument).write_text(body)
            shipped = self.options.readme.parent / "apps" / "quickstart.toml"
            if argument == "first.toml" and content != tomllib.loads(shipped.read_text()):
                raise Failure("the experiment is not that of apps/quickstart.toml")
            return
        settings = []
        for section, keys in content.items():
            for key, value in keys.items():
                settings += ["--set", f"{section}.{key}={json.dumps(value)}"]
        self.run("popflow", "moments", "first.toml", "--class=0", "--at=1,1,1", *settings)

    def text(self, _, body):
        if self.printed is not None and not same(body, self.printed):
            raise Failure(f"prints\n{self.printed}instead of\n{body}")

    def read(self, line, info, body):
        language, _, argument = info.partition(" ")
        if language not in ("sh", "console", "cpp", "python", "toml", "text"):
            raise Failure(f"line {line}: '{info}' is not a kind of block that is run")
        try:
            getattr(self, language)(argument, body)
        except Failure as failure:
            raise Failure(f"line {line}: {failure}") from None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("readme", type=pathlib.Path)
    parser.add_argument("--prefix", type=pathlib.Path, required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.readme = options.readme.resolve()
    shutil.rmtree(options.scratch, ignore_errors=True)
    options.scratch.mkdir(parents=True)
    os.chdir(options.scratch)
    reader = Reader(options)
    try:
        for block in blocks(options.readme.read_text()):
            reader.read(*block)
    except Failure as failure:
        sys.exit(f"{options.readme}: {failure}")


main()
