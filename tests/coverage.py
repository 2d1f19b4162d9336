#!/usr/bin/env python3
"""Adds up gcovr's summary by the rooms of the library: coverage.py SUMMARY.json [ROOM ...]

Prints the table; without ROOMs it is also written to validation/coverage.md.
"""

import collections
import json
import pathlib
import re
import sys

HEAD = """# Lines of the library that the unit tests run

Written by `bash tests/coverage.sh`: lines of code in lib/src and lib/include, by room.

| Room | Lines | Run | Share |
|---|---|---|---|
"""


def counts_by_room(summary):
    counts = collections.defaultdict(lambda: [0, 0])
    for file in summary["files"]:
        room = re.search(r"lib/(?:src|include/popflow)/([^/]+)/", file["filename"])[1]
        counts[room][0] += file["line_total"]
        counts[room][1] += file["line_covered"]
    return dict(sorted(counts.items()))


def row(name, lines, run):
    return f"| {name} | {lines} | {run} | {100 * run / lines:.1f} % |\n"


def main(path, rooms):
    counts = counts_by_room(json.loads(pathlib.Path(path).read_text()))
    rows = "".join(row(room, *counts[room]) for room in rooms or counts)
    if not rooms:
        rows += row("all", *map(sum, zip(*counts.values())))
        pathlib.Path("validation/coverage.md").write_text(HEAD + rows)
    print(rows, end="")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
