"""Equations of lib/theory.md: their numbers, who cites them, and that citations can be renumbered."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import equations  # noqa: E402


def test_every_equation_has_one_number_and_is_cited_and_no_other_is():
    assert not list(equations.problems())


def theory_in(folder, text, code):
    (folder / "lib").mkdir()
    (folder / "lib" / "theory.md").write_text(text)
    (folder / "lib" / "a.cpp").write_text(code)
    return folder


TEXT = "By (Eq. 1):\n\n    b = 2  (Eq. 3)\n    c = 3  (Eq. 1)\n    d = 4  (Eq. 2)\n\nand Eq. 3.\n"
CODE = "// (Eq. 1), Eq. 1, 3, Eq. 1 to 3; in 1924 (Eq. 9, after 1954)\n"


def test_what_is_wrong_is_named(tmp_path):
    found = list(equations.problems(theory_in(tmp_path, TEXT.replace("(Eq. 2)", "(Eq. 5)"), "// Eq. 1, 2\n")))
    assert [line.split(": ")[1] for line in found] == [
        "numbers of equations are not 1 to 3, each once",
        "cites Eq. 2, which does not exist",
        "Eq. 3 is not cited by code or tests",
        "Eq. 5 is not cited by code or tests",
    ]


def test_a_citation_may_be_cut_at_the_end_of_a_line_and_pages_are_no_code(tmp_path):
    root = theory_in(tmp_path, TEXT, "/// by (Eq.\n/// 1) and Eq. 2,\n// 3 of it\n")
    assert not list(equations.problems(root))
    (root / "README.md").write_text("(Eq. 7) and (Eq. 3)\n")
    (root / "lib" / "a.cpp").write_text("// Eq. 1, 2\n")
    assert list(equations.problems(root)) == [
        "README.md: cites Eq. 7, which does not exist",
        "lib/theory.md: Eq. 3 is not cited by code or tests",
    ]
    (root / "lib" / "a.cpp").write_text("/// by (Eq.\n/// 1)\n")
    equations.renumber(root)
    assert (root / "lib" / "a.cpp").read_text() == "/// by (Eq.\n/// 2)\n"


def test_citations_follow_their_equations_when_these_are_numbered_in_order(tmp_path):
    root = theory_in(tmp_path, TEXT, CODE)
    equations.renumber(root)
    assert equations.numbered(root) == [1, 2, 3]
    assert (root / "lib" / "theory.md").read_text() == (
        "By (Eq. 2):\n\n    b = 2  (Eq. 1)\n    c = 3  (Eq. 2)\n    d = 4  (Eq. 3)\n\nand Eq. 1.\n")
    assert (root / "lib" / "a.cpp").read_text() == (
        "// (Eq. 2), Eq. 1, 2, Eq. 1 to 3; in 1924 (Eq. 9, after 1954)\n")
