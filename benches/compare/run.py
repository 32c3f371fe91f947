#!/usr/bin/env python3
"""`plan` beside DuckDB and Polars: benches/compare/run.py [--skus N …] [--runs N] [--stocksync PROGRAM] [--chart FILE]

Sets up the others, pinned, in a virtual environment under target/compare; makes a project from a seed; lets each program in turn plan it
into a CSV file; ends with 1 where they do not agree row by row; prints medians and ratios of wall time, processor time and peak memory.
A busy machine is busy for all of them: the ratios are what counts.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = Path(os.environ.get("STOCKSYNC_DATA", ROOT / "target")) / "compare"
PINNED = ["duckdb==2.0.0", "polars==2.1.0", "numpy==2.3.5"]
HEAD = "store,store_sku,sku,current,planned,available,rule,order,reason"


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--skus", type=int, nargs="+", default=[1_000_000])
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--seed", type=int, default=20260511)
    asked.add_argument("--stocksync", default=str(ROOT / "target/release/stocksync"))
    asked.add_argument("--only", nargs="+", choices=["duckdb", "polars"], default=["duckdb", "polars"])
    asked.add_argument("--chart", type=Path)
    asked = asked.parse_args()
    python = set_up()
    figures = {}
    for skus in asked.skus:
        project = make_project(python, skus, asked.seed)
        commands = {"stocksync": [asked.stocksync, "-C", str(project), "plan", "--format", "csv", "--at", "2026-05-11"]}
        for name in asked.only:
            commands[name] = [python, str(HERE / f"{name}_plan.py"), str(project)]
        figures[skus] = measure(commands, project, asked.runs)
        show(skus, figures[skus], asked.runs)
    if asked.chart:
        import chart

        asked.chart.write_text(chart.bars(figures))


def set_up():
    """A Python with the others."""
    folder = CACHE / "venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "pinned.txt"
    if not stamp.is_file() or stamp.read_text() != "\n".join(PINNED):
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PINNED], check=True)
        stamp.write_text("\n".join(PINNED))
    return str(python)


def make_project(python, skus, seed):
    folder = CACHE / f"{skus}-{seed}"
    if not (folder / "expected.json").is_file():
        subprocess.run([python, str(HERE / "make_project.py"), str(folder), "--skus", str(skus), "--seed", str(seed)], check=True)
    return folder


def measure(commands, project, runs):
    """By name, medians of wall seconds, processor seconds and peak bytes."""
    figures = {name: [] for name in commands}
    out = CACHE / "plan.csv"
    rows = None
    for turn in range(runs + 1):
        for name, command in commands.items():
            taken = run(command, out)
            if turn > 0:
                figures[name].append(taken)
                continue
            # The first turn warms the disk's cache, and shows that all agree.
            found = read_rows(out, name)
            if rows is None:
                rows = found
                check_count(rows, project)
            elif found != rows:
                differ(rows, found, name)
    return {name: [statistics.median(run[at] for run in all) for at in range(3)] for name, all in figures.items()}


def run(command, out):
    ours = command[1] == "-C"
    start = time.perf_counter()
    with open(out if ours else os.devnull, "wb") as file:
        process = subprocess.Popen(command if ours else [*command, str(out)], stdout=file, stderr=subprocess.PIPE)
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"exit {process.returncode} of {' '.join(command)}\n{said.decode(errors='replace')}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def read_rows(out, name):
    """Every row but the rule's place, which only we can tell; sorted."""
    with open(out, encoding="utf-8") as file:
        head = file.readline().rstrip("\n")
        rows = [line.rstrip("\n") for line in file]
    if name == "stocksync":
        head, rows = head.rsplit(",", 2)[0], [row.rsplit(",", 2)[0] for row in rows]
    if head != HEAD:
        sys.exit(f"{name} wrote the columns {head}")
    return sorted(rows)


def check_count(rows, project):
    expected = json.loads((project / "expected.json").read_text())["changes"]
    if len(rows) != expected:
        sys.exit(f"a plan of {len(rows)} rows, where the project was made to have {expected}")


def differ(rows, found, name):
    for row in sorted(set(rows) ^ set(found))[:10]:
        print("ours: " if row in set(rows) else f"{name}: ", row)
    sys.exit(f"{name} does not agree")


def show(skus, figures, runs):
    ours = figures["stocksync"]
    print(f"{skus:,} SKUs × 12 stores, 200 rules; medians of {runs} runs in turn, all rows equal", flush=True)
    print(f"  {'':10} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}   times ours: wall, cpu, memory")
    for name, (wall, cpu, peak) in figures.items():
        ratios = "" if name == "stocksync" else f"   {wall / ours[0]:6.2f} {cpu / ours[1]:6.2f} {peak / ours[2]:6.2f}"
        print(f"  {name:10} {wall:8.3f} {cpu:8.3f} {peak / 1e6:8.0f}{ratios}", flush=True)


if __name__ == "__main__":
    main()
