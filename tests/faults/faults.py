#!/usr/bin/env python3
"""Puts small faults into the mathematics, one after another, and shows that the tests catch each.

    python3 tests/faults/faults.py            # every fault; then writes validation/faults.md
    python3 tests/faults/faults.py --only 3 7 # some of them, by number
    python3 tests/faults/faults.py --resume   # what a run that was stopped had not come to
    python3 tests/faults/faults.py --check    # only whether each can still be put in, once

faults.toml lists them: in `file` of lib/src the text `find`, which must be there exactly once, is
replaced by `put`; the test program `test` is built, and its suite `suite` run until the first test
case fails. All of that happens in a copy of the checkout, in build/faults, whose objects are used
again by the next run. Exit status 1 where a fault survives, is stale, or does not compile.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).with_name("faults.toml")
TABLE = ROOT / "validation" / "faults.md"
SCRATCH = ROOT / "build" / "faults"
BUILD = SCRATCH / "build" / "ci"
RESULTS = SCRATCH / "build" / "results.json"
LONGEST_TEST = 300  # seconds; a test that does not end has caught the fault too
FAILED_CASE = re.compile(r'error: in "([^"]+)"')

HEAD = """# Faults that the tests catch

Written by `python3 tests/faults/faults.py` (Python 3.11, and what the tests need). Each row is one
small fault in the mathematics, put into a copy of the library by itself; the tests of that part are
built and run until the first test case fails. `ctest -R faults` checks that the list still fits the
code. {caught} of {all} are caught. Seconds are those from the start of the test program to the
failure, without the build, on two shared cores.

| | Fault | File in lib/src | Caught by | Seconds |
|---|---|---|---|---|
"""


def read_faults():
    faults = tomllib.loads(LIST.read_text())["fault"]
    for number, fault in enumerate(faults, start=1):
        fault["number"] = number
    return faults


def faulty_text(fault, root):
    """The text of the fault's file with the fault in it. Throws ValueError where it is stale."""
    text = (root / "lib" / "src" / fault["file"]).read_text()
    count = text.count(fault["find"])
    if count != 1:
        raise ValueError(f"{fault['file']}: found {count} times, must be once: {fault['find']!r}")
    return text.replace(fault["find"], fault["put"])


def stale(faults):
    """The faults of the list itself, a line each."""
    for fault in faults:
        try:
            faulty_text(fault, ROOT)
        except (OSError, ValueError) as error:
            yield f"fault {fault['number']}: {error}"


def copy_checkout():
    """Brings the copy up to date, without touching files that are the same."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    files = {name for name in listed if (ROOT / name).is_file()}
    for old in [path for top in SCRATCH.glob("*") if top.name != "build"
                for path in ([top] if top.is_file() else top.rglob("*")) if path.is_file()]:
        if str(old.relative_to(SCRATCH)) not in files:
            old.unlink()
    for name in files:
        source, target = ROOT / name, SCRATCH / name
        if target.exists() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def build(targets):
    """The compiler's output where it fails, else nothing."""
    done = subprocess.run(["cmake", "--build", BUILD, "--target", *targets],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout if done.returncode else ""


def configure():
    subprocess.run(
        ["cmake", "--preset", "ci", "-D", "POPFLOW_UNITY=OFF", "-D", "POPFLOW_BUILD_APPS=OFF",
         "-D", "POPFLOW_BUILD_VALIDATION=OFF", "-D", "POPFLOW_PYTHON=OFF"],
        cwd=SCRATCH, check=True, stdout=subprocess.DEVNULL)


def first_failure(program, suite):
    """The first test case of the suite that fails, or None; and the seconds until then."""
    start = time.monotonic()
    command = ["timeout", str(LONGEST_TEST), BUILD / "tests" / program, "--color_output=no",
               f"--run_test={suite}", "--report_level=no", "--log_level=error",
               "--log_sink=stderr"]
    with subprocess.Popen(command, cwd=SCRATCH, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, errors="replace") as test:
        for line in test.stderr:
            if found := FAILED_CASE.search(line):
                seconds = time.monotonic() - start
                test.terminate()
                return found[1], seconds
        status = test.wait()
    seconds = time.monotonic() - start
    if status == 0:
        return None, seconds
    return ("(does not end)" if status == 124 else f"(exit status {status})"), seconds


def caught_by(fault):
    """Puts the fault into the copy, and takes it out again."""
    path = SCRATCH / "lib" / "src" / fault["file"]
    sound = path.read_text()
    path.write_text(faulty_text(fault, SCRATCH))
    try:
        if output := build([fault["test"]]):
            raise RuntimeError(f"fault {fault['number']} does not compile:\n{output}")
        return first_failure(fault["test"], fault["suite"])
    finally:
        path.write_text(sound)


def key(fault):
    return " | ".join(fault[part] for part in ("file", "find", "put", "test", "suite"))


def prepare(faults):
    """A copy of the checkout whose tests are built and pass."""
    copy_checkout()
    configure()
    programs = sorted({fault["test"] for fault in faults})
    if output := build(programs):
        raise RuntimeError(f"the code without faults does not compile:\n{output}")
    for program, suite in sorted({(fault["test"], fault["suite"]) for fault in faults}):
        if (failed := first_failure(program, suite)[0]) is not None:
            raise RuntimeError(f"{program} fails without a fault: {failed}")


def run(faults, known):
    """Puts into `known`, by key, the test case that caught each fault, or None, and the seconds."""
    prepare(faults)
    for fault in faults:
        case, seconds = known[key(fault)] = caught_by(fault)
        RESULTS.write_text(json.dumps(known, indent=1))
        print(f"{fault['number']:3} {fault['file']}: {fault['what']}: "
              f"{case or 'SURVIVES'} ({seconds:.1f} s)", flush=True)


def row(fault, case, seconds):
    by = f"`{fault['test']}`: `{case}`" if case else "**nothing**"
    return f"| {fault['number']} | {fault['what']} | `{fault['file']}` | {by} | {seconds:.1f} |\n"


def table(faults, results):
    caught = sum(case is not None for case, _ in results)
    rows = [row(fault, *result) for fault, result in zip(faults, results)]
    return HEAD.format(caught=caught, all=len(faults)) + "".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="do not build or run anything")
    parser.add_argument("--only", type=int, nargs="+", metavar="NUMBER", help="of the faults")
    parser.add_argument("--resume", action="store_true", help="keep what earlier runs found")
    options = parser.parse_args()
    faults = read_faults()
    if wrong := list(stale(faults)):
        sys.exit("\n".join(wrong))
    if options.check:
        print(f"{len(faults)} faults, each found once")
        return 0
    known = json.loads(RESULTS.read_text()) if options.resume and RESULTS.exists() else {}
    chosen = [faults[number - 1] for number in options.only] if options.only else faults
    chosen = [fault for fault in chosen if key(fault) not in known]
    try:
        if chosen:
            run(chosen, known)
    except RuntimeError as error:
        sys.exit(str(error))
    if all(key(fault) in known for fault in faults):
        TABLE.write_text(table(faults, [known[key(fault)] for fault in faults]))
    return int(any(case is None for case, _ in known.values()))


if __name__ == "__main__":
    sys.exit(main())
