#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns unpacked documentation packages into plain prose for distillation.

usage: documentation_text.py UNPACKED_FOLDER OUTPUT_FILE

Reads every English HTML page below the folder, keeps the running text (paragraphs, list items, headings), leaves out
code, tables, navigation and indexes, and writes one document a page, parted by a line that holds only <|endoftext|>.
The output is written aside and renamed, so that an interrupted run leaves nothing half done.
"""
import gzip
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

SKIPPED = {"script", "style", "pre", "table", "nav", "footer", "header", "form", "svg", "head"}
BLOCKS = {"p", "li", "dd", "dt", "h1", "h2", "h3", "h4", "div", "section", "blockquote", "br"}
NOT_PROSE = re.compile(r"^(genindex|py-modindex|search|index-|bookindex|biblio|contents|copyright|doc_|changes|toc)")
ENDING = re.compile(r"\.html(\.gz)?$")
SMALLEST_PAGE = 400  # characters; shorter pages are menus


class Prose(HTMLParser):
    """Collects the text of block elements, one line a block."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines, self.current, self.skipped = [], [], []

    def flush(self):
        line = re.sub(r"\s+", " ", "".join(self.current)).strip().replace("\u00b6", "")
        self.current = []
        if line:
            self.lines.append(line)

    def handle_starttag(self, tag, attributes):
        if tag in SKIPPED or (tag == "div" and re.search(r"nav|sidebar|related|toc|footer|header", dict(attributes).get("class") or "")):
            self.skipped.append(tag)
        elif self.skipped and tag == self.skipped[-1]:
            self.skipped.append(tag)
        elif tag in BLOCKS:
            self.flush()

    def handle_endtag(self, tag):
        if self.skipped:
            if tag == self.skipped[-1]:
                self.skipped.pop()
        elif tag in BLOCKS:
            self.flush()

    def handle_data(self, data):
        if not self.skipped:
            self.current.append(data)


def is_prose(line):
    """Sentences: mostly letters and spaces, and long enough to hold one, or a short heading."""
    letters = sum(c.isalpha() or c.isspace() for c in line)
    return letters >= 0.8 * len(line) and len(line) >= 30


def page_text(path):
    raw = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    prose = Prose()
    prose.feed(raw.decode("utf-8", errors="replace"))
    prose.flush()
    return "\n".join(line for line in prose.lines if is_prose(line) and "\ufffd" not in line)


def pages(folder):
    for path in sorted(folder.rglob("*")):
        name = path.name
        inside = str(path.relative_to(folder))
        if not path.is_file() or path.is_symlink() or not ENDING.search(name) or NOT_PROSE.match(name):
            continue
        language = re.search(r"/(?:html/)?([a-z]{2}(?:[-_][A-Z]{2})?)/", "/" + inside)
        if language and not language.group(1).startswith("en"):
            continue
        suffix = re.search(r"\.([a-z]{2})\.html", name)
        if suffix and suffix.group(1) != "en":
            continue
        yield path


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    aside = output.with_name(output.name + f".{os.getpid()}.part")
    seen, written = set(), 0
    with open(aside, "w", encoding="utf-8") as out:
        for path in pages(folder):
            text = page_text(path)
            if len(text) < SMALLEST_PAGE or text in seen:
                continue
            seen.add(text)
            out.write(text + "\n<|endoftext|>\n")
            written += len(text)
        out.flush()
        os.fsync(out.fileno())
    if written == 0:
        aside.unlink()
        sys.exit(f"error: {folder}: no English prose was found in this package")
    os.replace(aside, output)


if __name__ == "__main__":
    main()
