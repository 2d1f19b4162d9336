"""Checks that every picture and link of the Markdown pages leads somewhere: links.py CHECKOUT

A target is a file or folder of the repository, a heading of a page (as GitHub names it), or an address
elsewhere, which is not asked. A file that git ignores is not in the repository.
"""

import os
import pathlib
import re
import subprocess
import sys

CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)
LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]*(?:\([^()\s]*\))?)(?:\s+\"[^\"]*\")?\)")
HTML = re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)=\"([^\"]*)\"")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$", re.M)
ELSEWHERE = ("https://", "http://", "mailto:")


def files_of(checkout):
    """The repository's files, relative to it; all but those of builds where there is no git."""
    if (checkout / ".git").exists():
        command = ["git", "-c", f"safe.directory={checkout}", "-C", checkout, "ls-files", "-z",
                   "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return {pathlib.Path(name) for name in listed.split("\0") if name}
    found = set()
    for folder, folders, names in os.walk(checkout):
        folders[:] = [name for name in folders if name not in ("build", ".git")]
        found |= {(pathlib.Path(folder) / name).relative_to(checkout) for name in names}
    return found


def anchors(text):
    """GitHub's names of the headings of a page."""
    names = set()
    for heading in HEADING.findall(re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        names.add(name if name not in names else f"{name}-1")
    return names


def broken_links(checkout):
    """A line for each link that leads nowhere."""
    files = files_of(checkout)
    folders = {parent for file in files for parent in file.parents}
    pages = sorted(file for file in files if file.suffix == ".md" and (checkout / file).is_file())
    texts = {page: (checkout / page).read_text() for page in pages}
    for page, text in texts.items():
        bare = CODE.sub("", text)
        for link in LINK.findall(bare) + HTML.findall(bare):
            if link.startswith(ELSEWHERE):
                continue
            target, _, anchor = link.partition("#")
            path = page
            if target:
                path = pathlib.Path(os.path.normpath(page.parent / target))
            if path not in files and path not in folders:
                yield f"{page}: {link}: no such file in the repository"
            elif anchor and path in texts and anchor not in anchors(texts[path]):
                yield f"{page}: {link}: no such heading"


def main():
    broken = list(broken_links(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(broken) if broken else "Every link leads somewhere.")
    sys.exit(1 if broken else 0)


main()
