"""Checks which header includes which; with --write, writes popflow/popflow.hpp.

headers.py [--write]

* popflow/popflow.hpp includes every public header.
* A module includes only headers of itself and of modules below it.
* A source file of the library is named after a header of its module, and includes it. A kernel
  NAME_kernel.cpp belongs to the header NAME.hpp, or to NAME_kernels.hpp.
"""

import pathlib
import re
import sys

LIBRARY = pathlib.Path(__file__).parents[1] / "lib"
INCLUDE = LIBRARY / "include"
ALL = INCLUDE / "popflow" / "popflow.hpp"

# The lowest module first. Modules on one line do not use one another.
LAYERS = (
    "lanes threads",
    "lattice",
    "moments",
    "input",
    "network tensor",
    "flow measure training",
    "dynamics",
    "experiment",
    "results",
    "run",
)


def modules_below():
    """For every module, the modules whose headers it may include."""
    below, found = {}, set()
    for layer in LAYERS:
        below |= {module: found | {module} for module in layer.split()}
        found = found | set(layer.split())
    return below


def included_by(path):
    """(module, header) of all headers of the library that a file includes."""
    return re.findall(r'^#include "(?:popflow/)?(\w+)/(\w+)\.hpp"', path.read_text(), re.M)


def upward_includes():
    below = modules_below()
    for path in sorted([*INCLUDE.glob("popflow/*/*.hpp"), *(LIBRARY / "src").glob("*/*.?pp")]):
        for module, header in included_by(path):
            if module not in below[path.parent.name]:
                yield f"{path.relative_to(LIBRARY)} includes {module}/{header}.hpp, which is not below it"


def nameless_sources():
    for path in sorted((LIBRARY / "src").glob("*/*.cpp")):
        module, name = path.parent.name, path.stem
        kernel = name.removesuffix("_kernel")
        names = {name} if kernel == name else {name, kernel, f"{kernel}_kernels"}
        if not {(module, each) for each in names} & set(included_by(path)):
            yield f"{path.relative_to(LIBRARY)} includes no header of its name"


def main():
    head = ALL.read_text().split("#include")[0]
    headers = sorted(path.relative_to(INCLUDE) for path in INCLUDE.glob("popflow/*/*.hpp"))
    text = head + "".join(f'#include "{header}"\n' for header in headers)
    if "--write" in sys.argv:
        ALL.write_text(text)
    found = [*upward_includes(), *nameless_sources()]
    if ALL.read_text() != text:
        found.append(f"{ALL.name} does not include every public header: python3 tests/headers.py --write")
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
