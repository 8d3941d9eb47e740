#!/usr/bin/env python3
"""The README's code is the code the tests run. Each block that follows a comment
<!-- same as PATH --> must equal the part of PATH after its leading comment. Exits 1 otherwise."""
import pathlib
import re
import sys

BLOCK = re.compile(r"<!-- same as (\S+) -->\n```\w+\n(.*?)```", re.S)


def body(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    while lines and lines[0].startswith("//"):
        lines.pop(0)
    return "\n".join(lines).strip()


def main():
    root = pathlib.Path(sys.argv[1])
    blocks = BLOCK.findall((root / "README.md").read_text(encoding="utf-8"))
    faults = [f"README.md differs from {name}" for name, text in blocks
              if text.strip() != body(root / name)]
    if len(blocks) < 2:
        faults.append(f"README.md has {len(blocks)} checked code blocks, expected the C++ and the JavaScript quick start")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
