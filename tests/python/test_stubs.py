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


def stub_defaults(arguments):
    """The defaults of a stub's arguments, by name, without those that are written as ..."""
    positional = arguments.args[len(arguments.args) - len(arguments.defaults) :]
    given = [*zip(positional, arguments.defaults), *zip(arguments.kwonlyargs, arguments.kw_defaults)]
    values = {argument.arg: ast.literal_eval(value) for argument, value in given if value}
    return {name: value for name, value in values.items() if value is not ...}


def test_functions_have_the_defaults_of_their_stubs():
    stubs = [node for node in STUBS.body if isinstance(node, ast.FunctionDef)]
    for node in stubs:
        function = getattr(popflow, node.name)
        if inspect.isfunction(function):
            continue
        signature = function.__doc__.split(") -> ")[0]
        texts = dict(re.findall(r"(\w+): [^:=]*? = ([^,)]+)", signature))
        for name, value in stub_defaults(node.args).items():
            assert ast.literal_eval(texts[name]) == value, f"{node.name}: {name}"


def test_keyword_only_arguments_are_those_of_their_stubs():
    for node in STUBS.body:
        if isinstance(node, ast.FunctionDef) and inspect.isbuiltin(getattr(popflow, node.name)):
            after = getattr(popflow, node.name).__doc__.split(") -> ")[0].partition(" *, ")[2]
            keywords = [argument.arg for argument in node.args.kwonlyargs]
            assert re.findall(r"(?:^|, )(\w+): ", after) == keywords, node.name


def test_everything_is_documented():
    for name, value in vars(popflow).items():
        if name.startswith("_") or inspect.ismodule(value):
            continue
        text = value.__doc__ if not inspect.isbuiltin(value) else value.__doc__.split("\n", 1)[1]
        assert text and text.strip(), name
