"""The equations of lib/theory.md and where they are cited; with --renumber, numbers them in order.

equations.py [--renumber]

Without an option: checks that every equation has one number, from 1 on without a gap, that code or
a test cites every equation, and that only equations that exist are cited, also by pages. A citation is "Eq. 31",
"Eq. 31, 33 and 34" or "Eq. 57 to 62".

--renumber numbers the equations 1, 2, ... in the order in which they stand in the theory, and
changes all citations with them. Run clang-format afterwards: lines may get longer.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parents[1]
THEORY = pathlib.Path("lib") / "theory.md"
FOLDERS = ("lib", "apps", "tests", "validation")
CODE = {".hpp", ".cpp", ".in", ".py", ".pyi", ".toml"}
NUMBER = re.compile(r"^ {4}.*\(Eq\. (\d+)\)\s*$", re.M)
# A space, or the end of a line, also within a comment.
GAP = r"(?: |[ ]*\n[ ]*(?://+|#)?[ ]*)"
CITATION = re.compile(
    rf"\b(Eqs?\.{GAP})(\d+(?:(?:,{GAP}(?:and{GAP})?|{GAP}to{GAP}|{GAP}and{GAP}|-)\d+)*)")
RANGE = re.compile(rf"(\d+)(?:(?:{GAP}to{GAP}|-)(\d+))?")

# Equations that are definitions only, so that no line computes them: {number: reason}.
NOT_CITED = {}


def numbered(root=ROOT):
    """The numbers of the displayed equations, in the order in which they stand."""
    return [int(number) for number in NUMBER.findall((root / THEORY).read_text())]


def cited_by(text):
    """All numbers that a text cites."""
    found = set()
    for _, numbers in CITATION.findall(text):
        for first, last in RANGE.findall(numbers):
            found |= set(range(int(first), int(last or first) + 1))
    return found


def citing_files(root=ROOT):
    """All files that may cite equations, except this script and the theory."""
    yield from sorted(root.glob("*.md"))
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            own = path in (root / THEORY, root / "tests" / "equations.py")
            if path.suffix in CODE | {".md"} and not own:
                yield path


def cited(root=ROOT):
    """(path, number) of every citation outside the theory."""
    return {
        (path.relative_to(root), number)
        for path in citing_files(root)
        for number in cited_by(path.read_text(errors="replace"))
    }


def problems(root=ROOT):
    """The faults of numbers and citations, a line each."""
    numbers, citations = numbered(root), cited(root)
    if sorted(numbers) != list(range(1, len(numbers) + 1)):
        yield f"{THEORY}: numbers of equations are not 1 to {len(numbers)}, each once"
    for path, number in sorted(citations):
        if number not in numbers:
            yield f"{path}: cites Eq. {number}, which does not exist"
    by_code = {number for path, number in citations if path.suffix in CODE}
    for number in sorted(set(numbers) - by_code - set(NOT_CITED)):
        yield f"{THEORY}: Eq. {number} is not cited by code or tests"


def written(numbers):
    """Numbers as a citation has them: runs of three or more as "57 to 62"."""
    runs = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = []
    for run in runs:
        parts += [f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(number) for number in run]
    return ", ".join(parts)


def renumbered(text, new):
    """A text with other numbers in its citations: new[old]."""

    def replace(match):
        numbers = cited_by(match[0])
        if not numbers <= set(new):
            return match[0]
        changed = written(new[number] for number in numbers)
        return match[0] if changed == written(numbers) else match[1] + changed

    return CITATION.sub(replace, text)


def renumber(root=ROOT):
    """Numbers the equations in order, in the theory and wherever they are cited."""
    new = {old: place for place, old in enumerate(numbered(root), start=1)}
    for path in [root / THEORY, *citing_files(root)]:
        text = path.read_text(errors="surrogateescape")
        changed = renumbered(text, new)
        if changed != text:
            path.write_text(changed, errors="surrogateescape")


def main():
    if "--renumber" in sys.argv:
        renumber()
    found = list(problems())
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
