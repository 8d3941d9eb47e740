#!/usr/bin/env python3
"""Includes point one way. Checks every #include of lib against the table below, the table
itself for cycles, and the size of every source file. Exits 1 with one line for each fault."""
import graphlib
import pathlib
import re
import sys

ALLOWED = {
    "base": [],
    "nn": ["base"],
    "ode": ["base"],
    "mechanics": ["base", "ode"],
    "sensitivity": ["base", "ode"],
    "systems": ["base", "ode", "mechanics"],
    "models": ["base", "nn", "ode", "mechanics"],
    "data": ["base", "ode", "mechanics", "systems"],
    "train": ["base", "nn", "ode", "mechanics", "models", "sensitivity", "systems", "data"],
    "analysis": ["base", "ode", "sensitivity", "mechanics", "systems", "models", "data"],
    "flow": ["base", "nn", "ode", "sensitivity", "train"],
    "maps": ["base", "nn", "ode", "sensitivity", "train"],
    "io": ["base", "ode", "sensitivity", "mechanics", "systems", "models", "data", "train"],
    "session": ["base", "nn", "ode", "mechanics", "systems", "models", "data", "train",
                "sensitivity", "analysis", "flow", "maps", "io"],
}
# Whole products: what they may include of lib. Their own headers are theirs.
PRODUCTS = {
    # The façade, and the vocabulary its views are written in.
    "shell": ["base", "session"],
    "web": ["base", "session"],
}
MAX_LINES = 500
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
SUFFIXES = {".h", ".cpp", ".py", ".js", ".mjs", ".ts", ".css", ".html", ".sh", ".cmake"}


def sources(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in (".h", ".cpp"))


def check(root):
    faults = []
    try:
        list(graphlib.TopologicalSorter(ALLOWED).static_order())
    except graphlib.CycleError as error:
        faults.append(f"the table has a cycle: {error.args[1]}")
    for path in sources(root / "lib"):
        folder = path.relative_to(root / "lib").parts[0]
        if path.name == "least_action.h":  # The umbrella header, above every folder.
            continue
        name = path.relative_to(root)
        if folder not in ALLOWED:
            faults.append(f"{name}: folder lib/{folder} is not in the table")
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(1).split("/")[0]
            if target != folder and target not in ALLOWED[folder]:
                faults.append(f"{name}: includes {match.group(1)}, but lib/{folder} may not use lib/{target}")
    for product, allowed in PRODUCTS.items():
        if not (root / product).is_dir():
            continue
        for path in sources(root / product):
            for line in path.read_text(encoding="utf-8").splitlines():
                match = INCLUDE.match(line)
                if match and match.group(1).split("/")[0] in ALLOWED:
                    target = match.group(1).split("/")[0]
                    if target not in allowed:
                        faults.append(f"{path.relative_to(root)}: includes {match.group(1)}; {product} goes through the façade")
    for folder in ("lib", "web", "shell", "tests", "bench"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES and "node_modules" not in path.parts and path.is_file():
                lines = path.read_text(encoding="utf-8").count("\n")
                if lines > MAX_LINES:
                    faults.append(f"{path.relative_to(root)}: {lines} lines, at most {MAX_LINES}")
    return faults


def main():
    faults = check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    for fault in faults:
        print(fault)
    print(f"layers: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
