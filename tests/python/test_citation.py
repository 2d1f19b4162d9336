"""CITATION.cff is valid Citation File Format 1.2.0, as far as this file uses it, and of this version."""

import datetime
import pathlib
import re

import pytest

yaml = pytest.importorskip("yaml")

ROOT = pathlib.Path(__file__).parents[2]

TOP_KEYS = {
    "abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers",
    "keywords", "license", "license-url", "message", "preferred-citation", "references", "repository",
    "repository-artifact", "repository-code", "title", "type", "url", "version",
}
PERSON_KEYS = {
    "address", "affiliation", "alias", "city", "country", "email", "family-names", "fax", "given-names",
    "name-particle", "name-suffix", "orcid", "post-code", "region", "tel", "website",
}
REFERENCE_TYPES = {
    "article", "book", "conference-paper", "data", "generic", "manual", "pamphlet", "report",
    "software", "software-code", "thesis", "unpublished",
}
TEXT = {
    "abstract", "cff-version", "commit", "doi", "issue", "journal", "message", "number", "publisher",
    "title", "url", "version", "repository-code", "name", "family-names", "given-names",
}
DOI = re.compile(r"10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+")


@pytest.fixture(scope="module")
def citation():
    return yaml.safe_load((ROOT / "CITATION.cff").read_text())


def check_author(author):
    assert author.keys() <= PERSON_KEYS | {"name", "date-start", "date-end", "location"}
    # An author is a person or an entity, and only an entity has a name in one piece.
    assert not ("name" in author and ("family-names" in author or "given-names" in author))
    assert author.keys() & {"name", "family-names", "given-names", "alias"}
    check_fields(author)


def check_fields(item):
    for key in item.keys() & TEXT:
        assert isinstance(item[key], str) and item[key].strip(), f"{key} is not a text"
    if "doi" in item:
        assert DOI.fullmatch(item["doi"]), item["doi"]
    if "year" in item:
        assert isinstance(item["year"], int)
    if "date-released" in item:
        assert isinstance(item["date-released"], datetime.date)


def check_authors(item):
    assert isinstance(item["authors"], list) and item["authors"]
    for author in item["authors"]:
        check_author(author)


def test_required_keys_and_no_others(citation):
    assert citation["cff-version"] == "1.2.0"
    assert citation.keys() >= {"authors", "cff-version", "message", "title"}
    assert citation.keys() <= TOP_KEYS
    assert citation["type"] in {"software", "dataset"}
    check_fields(citation)
    check_authors(citation)


def test_references(citation):
    for reference in citation["references"]:
        assert reference.keys() >= {"authors", "title", "type"}
        assert reference["type"] in REFERENCE_TYPES
        check_fields(reference)
        check_authors(reference)


def test_version_and_licence_are_the_project_s(citation):
    project = (ROOT / "CMakeLists.txt").read_text()
    assert citation["version"] == re.search(r"project\(popflow\s+VERSION (\S+)", project)[1]
    assert citation["license"] == "BSD-3-Clause"
    assert (ROOT / "LICENSE").read_text().startswith("BSD 3-Clause License")


def entries(text):
    """The entries of a BibTeX file: {key: {field: value}}; braces in a value must match."""
    found = {}
    while text := text.lstrip():
        head = re.match(r"@(\w+)\{(\w+),\s*", text)
        assert head, f"no entry starts at: {text[:40]}"
        assert head[2] not in found, f"{head[2]} is there twice"
        fields, text = {}, text[head.end() :]
        while not text.startswith("}"):
            start = re.match(r"(\w+)\s*=\s*\{", text)
            assert start, f"{head[2]}: no field starts at: {text[:40]}"
            end, depth = start.end(), 1
            while depth:
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            fields[start[1]] = text[start.end() : end - 1]
            text = re.sub(r"^\s*,?\s*", "", text[end:])
        found[head[2]], text = fields, text[1:]
    return found


def test_the_bibliography_parses(citation):
    found = entries((ROOT / "lib/references.bib").read_text())
    for key, fields in found.items():
        assert fields.keys() >= {"author", "title", "year"}, key
        assert re.fullmatch(r"\d{4}", fields["year"]), key
        assert "doi" not in fields or DOI.fullmatch(fields["doi"]), key
    known = {fields.get("doi") for fields in found.values()}
    assert {reference["doi"] for reference in citation["references"]} <= known
