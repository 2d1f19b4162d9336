#!/usr/bin/env python3
"""Adds up gcovr's report by the modules of the library: coverage.py REPORT.json [MODULE ...]

Prints the table. Without MODULEs it is also written to validation/coverage.md, with all lines that
were not run, each with the reason that coverage.toml has for it; exit status 1 where there is none,
or a reason is left over.
"""

import collections
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[1]
REASONS = pathlib.Path(__file__).with_name("coverage.toml")
TABLE = ROOT / "validation" / "coverage.md"

HEAD = """# Lines of the library that the unit tests run

Written by `bash tests/coverage.sh` at revision {revision}: lines of code in lib/src and lib/include,
by module.

| Room | Lines | Run | Share |
|---|---|---|---|
"""

REST = """
Those that are not run, and why:

| File | Lines | Code | Why |
|---|---|---|---|
"""


def revision():
    return subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, check=True,
                          capture_output=True, text=True).stdout.strip()


def module_of(file):
    return re.match(r"lib/(?:src|include/popflow)/([^/]+)/", file)[1]


def code_lines(entry):
    return [line for line in entry["lines"] if not line["gcovr/noncode"]]


def counts_by_room(files):
    counts = collections.defaultdict(lambda: [0, 0])
    for entry in files:
        module = counts[module_of(entry["file"])]
        for line in code_lines(entry):
            module[0] += 1
            module[1] += line["count"] > 0
    return dict(sorted(counts.items()))


def blocks_not_run(entry):
    """(first, last) of lines that follow one another, those without code left out."""
    for ran, lines in itertools.groupby(code_lines(entry), key=lambda line: line["count"] > 0):
        if not ran:
            numbers = [line["line_number"] for line in lines]
            yield numbers[0], numbers[-1]


def reason_of(file, code, reasons):
    for reason in reasons:
        if file in reason.get("files", [file]) and re.fullmatch(reason["code"], code):
            reason["used"] = True
            return reason["why"]
    return None


def row(name, lines, run):
    return f"| {name} | {lines} | {run} | {100 * run / lines:.1f} % |\n"


def rest(files, reasons):
    """A row a block; and what is wrong: blocks without a reason, and reasons without a block."""
    rows, unexplained = "", []
    for entry in sorted(files, key=lambda entry: entry["file"]):
        source = (ROOT / entry["file"]).read_text().splitlines()
        for first, last in blocks_not_run(entry):
            code = " ".join(" ".join(source[first - 1:last]).split())
            where = f"{first}" if first == last else f"{first}-{last}"
            why = reason_of(entry["file"], code, reasons)
            if why is None:
                unexplained.append(f"{entry['file']}:{where}: not run: {code[:80]}")
            shown = source[first - 1].strip().replace("|", "\\|")
            rows += f"| {entry['file']} | {where} | `{shown}` | {why or '**no reason**'} |\n"
    unused = [f"coverage.toml: of no line: {reason['code']}"
              for reason in reasons if "used" not in reason]
    return rows, unexplained + unused


def main(report, modules):
    files = json.loads(pathlib.Path(report).read_text())["files"]
    counts = counts_by_room(files)
    rows = "".join(row(module, *counts[module]) for module in modules or counts if module in counts)
    if modules:
        print(rows, end="")
        return 0
    rows += row("all", *map(sum, zip(*counts.values())))
    print(rows, end="")
    not_run, unexplained = rest(files, tomllib.loads(REASONS.read_text())["reason"])
    TABLE.write_text(HEAD.format(revision=revision()) + rows + (REST + not_run if not_run else ""))
    print("\n".join(unexplained), end="\n" if unexplained else "")
    return int(bool(unexplained))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
