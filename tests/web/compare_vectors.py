#!/usr/bin/env python3
"""Runs web_vectors and compares what it writes with the committed vectors.json: the same keys and
texts, and numbers that agree to the tolerances below, relative to the largest of their list.
Exits 1 with one line for each difference."""
import json
import subprocess
import sys

TOLERANCE = 1e-10
TRAINED = 1e-5  # Under a key "trained": fifty steps of single precision.


def numbers_differ(is_, expected, tolerance):
    size = max((abs(x) for x in expected), default=0)
    return any(not abs(a - b) <= tolerance * max(size, 1e-3) for a, b in zip(is_, expected))


def is_numbers(value):
    return isinstance(value, list) and all(type(x) in (int, float) for x in value)


def compare(where, is_, expected, tolerance):
    if isinstance(expected, dict):
        if not isinstance(is_, dict) or list(is_) != list(expected):
            return [f"{where}: other keys"]
        return [fault for key in expected for fault in compare(
            f"{where}.{key}", is_[key], expected[key], TRAINED if key == "trained" else tolerance)]
    if type(expected) in (int, float) and type(is_) in (int, float):
        is_, expected = [is_], [expected]
    if isinstance(expected, list):
        if not isinstance(is_, list) or len(is_) != len(expected):
            return [f"{where}: another length"]
        if is_numbers(expected) and is_numbers(is_):
            return [f"{where}: {is_} instead of {expected}"] if numbers_differ(is_, expected, tolerance) else []
        return [fault for i, (a, b) in enumerate(zip(is_, expected))
                for fault in compare(f"{where}[{i}]", a, b, tolerance)]
    return [] if is_ == expected else [f"{where}: {is_} instead of {expected}"]


def main():
    program, committed = sys.argv[1:]
    written = json.loads(subprocess.run([program], check=True, capture_output=True).stdout)
    with open(committed, encoding="utf-8") as file:
        faults = compare("vectors", written, json.load(file), TOLERANCE)
    for fault in faults:
        print(fault[:400])
    print(f"web_vectors: {len(faults)} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
