"""The README's C++ program and the examples, compiled as users compile them: all print the same.

programs.py SOURCES --prefix WHERE_POPFLOW_IS_INSTALLED --compiler CXX --scratch FOLDER

Each is compiled by g++ (or --compiler) with -O2, with -O2 -march=native, and with the sanitizers of
addresses and undefined behaviour, and by clang with -O2 where it is installed. Numbers may differ in
the last of four digits.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

import installed

NUMBER = re.compile(r"\d+\.\d+")
RELATIVE_TOLERANCE = 1e-3  # four digits; other flags round otherwise


def readme_program(text):
    """The block of C++ in the README."""
    (program,) = re.findall(r"^```cpp\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return program


def printed(source, compiler, options, arguments):
    """The output of the program, compiled with these options."""
    name = "-".join([source.stem, compiler, *options]).replace("/", "_").replace(",", "_")
    program = arguments.scratch / name
    include = installed.flags(arguments.prefix, "--cflags")
    libraries = installed.flags(arguments.prefix, "--libs")
    command = [compiler, installed.STANDARD, *options, str(source), *include, *libraries]
    subprocess.run([*command, "-o", str(program)], check=True)
    run = subprocess.run([str(program)], check=True, capture_output=True, text=True)
    return run.stdout


def same(first, other):
    """Whether two outputs agree, up to rounding."""
    if NUMBER.sub("#", first) != NUMBER.sub("#", other):
        return False
    pairs = zip(NUMBER.findall(first), NUMBER.findall(other), strict=True)
    return all(abs(float(a) - float(b)) <= RELATIVE_TOLERANCE * float(a) for a, b in pairs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sources", type=pathlib.Path)
    parser.add_argument("--prefix", type=pathlib.Path, required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.scratch.mkdir(parents=True, exist_ok=True)

    readme = arguments.scratch / "readme.cpp"
    readme.write_text(readme_program((arguments.sources / "README.md").read_text()))
    programs = [readme, *sorted((arguments.sources / "apps" / "examples").glob("*.cpp"))]
    ways = [
        (arguments.compiler, ["-O2"]),
        (arguments.compiler, ["-O2", "-march=native"]),
        (arguments.compiler, ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]),
    ]
    if installed.clang():
        ways.append((installed.clang(), ["-O2"]))

    failures = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {
            (program, k): pool.submit(printed, program, *way, arguments)
            for program in programs
            for k, way in enumerate(ways)
        }
        for program in programs:
            first = runs[program, 0].result()
            print(f"{program.stem}:\n{first}", flush=True)
            for k, (compiler, options) in enumerate(ways):
                output = runs[program, k].result()
                if not same(first, output):
                    failures += 1
                    print(f"{program.stem} by {compiler} {' '.join(options)} prints:\n{output}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
