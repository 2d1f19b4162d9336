"""lib/theory.md numbers its equations without a gap, and the code cites each of them and no other."""

import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
THEORY = ROOT / "lib" / "theory.md"
CODE = {".hpp", ".cpp", ".in", ".py", ".md", ".toml"}
CITATION = re.compile(r"\bEqs?\. (\d+(?:(?:, | to | and )\d+)*)")


def numbered():
    """The numbers at the ends of displayed equations."""
    return [int(number) for number in re.findall(r"^ {4}.*\(Eq\. (\d+)\)\s*$", THEORY.read_text(), re.M)]


def cited():
    """What every file of code cites: (file, number)."""
    found = set()
    for folder in ("lib", "apps", "tests", "validation"):
        for file in (ROOT / folder).rglob("*"):
            if file.suffix not in CODE or file == THEORY:
                continue
            for text in CITATION.findall(file.read_text(errors="replace")):
                for first, last in re.findall(r"(\d+)(?: to (\d+))?", text):
                    found |= {(file, n) for n in range(int(first), int(last or first) + 1)}
    return found


def test_every_number_up_to_the_largest_is_that_of_one_equation():
    assert sorted(numbered()) == list(range(1, len(numbered()) + 1))


def test_code_cites_equations_that_exist():
    assert not {(file, n) for file, n in cited() if n not in numbered()}


def test_every_equation_is_cited():
    assert not set(numbered()) - {n for _, n in cited()}
