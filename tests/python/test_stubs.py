"""The type stubs and the module have the same names, and the same arguments."""

import ast
import inspect
import pathlib
import re

import popflow

STUBS = ast.parse((pathlib.Path(popflow.__file__).parent / "__init__.pyi").read_text())


def public(names):
    return {name for name in names if not name.startswith("_")}


def stubbed_names(body):
    names = set()
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign):
            names.add(node.target.id)
    return names


def stubbed_classes():
    classes = [node for node in STUBS.body if isinstance(node, ast.ClassDef)]
    return [node for node in classes if not node.name.startswith("_")]


def test_the_module_has_the_names_of_its_stubs():
    ours = {
        name
        for name, value in vars(popflow).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public(stubbed_names(STUBS.body)) == ours


def test_classes_have_the_members_of_their_stubs():
    for node in stubbed_classes():
        cls = getattr(popflow, node.name)
        if issubclass(cls, Exception):
            continue
        own = stubbed_names(node.body)
        assert public(own) == public(vars(cls)), node.name
        assert ("__call__" in own) == ("__call__" in vars(cls)), node.name


def test_constructors_and_methods_have_the_arguments_of_their_stubs():
    for node in stubbed_classes():
        for method in node.body:
            if not isinstance(method, ast.FunctionDef) or method.decorator_list:
                continue
            function = getattr(getattr(popflow, node.name), method.name)
            stub = [a.arg for a in method.args.args + method.args.kwonlyargs]
            assert arguments_of(function)[1:] == stub[1:], f"{node.name}.{method.name}"


def arguments_of(function):
    """Names of the arguments, by pybind11's signature in the docstring or by inspection."""
    if inspect.isfunction(function):
        return list(inspect.signature(function).parameters)
    signature = re.search(r"\((.*)\) -> ", function.__doc__.replace("\n", " "))
    first = signature.group(1).split(") -> ")[0]
    return re.findall(r"(?:^|, |\()(\w+): ", first)


def test_functions_have_the_arguments_of_their_stubs():
    stubs = {n.name: n for n in STUBS.body if isinstance(n, ast.FunctionDef)}
    for name, node in stubs.items():
        stub = [a.arg for a in node.args.args + node.args.kwonlyargs]
        assert arguments_of(getattr(popflow, name)) == stub, name


def test_everything_is_documented():
    for name, value in vars(popflow).items():
        if name.startswith("_") or inspect.ismodule(value):
            continue
        text = value.__doc__ if not inspect.isbuiltin(value) else value.__doc__.split("\n", 1)[1]
        assert text and text.strip(), name
