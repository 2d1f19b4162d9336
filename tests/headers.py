"""Whether popflow/popflow.hpp includes every public header; with --write, makes it so.

headers.py [--write]
"""

import pathlib
import sys

INCLUDE = pathlib.Path(__file__).parents[1] / "lib" / "include"
ALL = INCLUDE / "popflow" / "popflow.hpp"


def main():
    head = ALL.read_text().split("#include")[0]
    headers = sorted(path.relative_to(INCLUDE) for path in INCLUDE.glob("popflow/*/*.hpp"))
    text = head + "".join(f'#include "{header}"\n' for header in headers)
    if "--write" in sys.argv:
        ALL.write_text(text)
    elif ALL.read_text() != text:
        print(f"{ALL.name} does not include every public header: python3 tests/headers.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
