#!/usr/bin/env python3
"""How `plan` grows: benches/compare/growth.py [--runs N] [--stocksync PROGRAM] [--chart FILE] [--most N]

Makes projects from a seed: more and more SKUs with 12 stores, ten million SKUs with two, and ten million listings spread over one to a thousand stores. Plans each
of them, and prints medians, and nanoseconds for each row of CSV that was read: what grows with its input keeps them. `--most` leaves out what has more SKUs.
"""

import argparse
import json
import statistics
import subprocess
from pathlib import Path

from run import CACHE, HERE, ROOT, run, set_up

# SKUs, stores, what part of the SKUs each store lists.
SKUS = [(10_000, 12, 0.8), (100_000, 12, 0.8), (1_000_000, 12, 0.8), (10_000_000, 2, 0.8)]
STORES = [(10_000_000, 1, 1.0), (1_000_000, 10, 1.0), (100_000, 100, 1.0), (10_000, 1000, 1.0)]


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--seed", type=int, default=20260511)
    asked.add_argument("--stocksync", default=str(ROOT / "target/release/stocksync"))
    asked.add_argument("--most", type=int, default=10_000_000)
    asked.add_argument("--chart", type=Path)
    asked = asked.parse_args()
    python = set_up()
    series = {"more SKUs": [], "more stores for as many listings": []}
    print(f"medians of {asked.runs} runs\n  {'SKUs':>10} {'stores':>6} {'rows':>12} {'wall s':>8} {'cpu s':>8} {'peak MB':>8} {'wall ns a row':>14}", flush=True)
    for name, cases in zip(series, (SKUS, STORES)):
        for skus, stores, listings in cases:
            if skus > asked.most:
                continue
            project = make_project(python, skus, stores, listings, asked.seed)
            rows = count_rows(project)
            wall, cpu, peak = measure(asked.stocksync, project, asked.runs)
            series[name].append((rows if name == "more SKUs" else stores, wall))
            print(f"  {skus:>10,} {stores:>6,} {rows:>12,} {wall:8.3f} {cpu:8.3f} {peak / 1e6:8.0f} {wall / rows * 1e9:14.1f}", flush=True)
    if asked.chart:
        import chart

        labels = {"more SKUs": "rows of CSV", "more stores for as many listings": "stores"}
        for name, points in series.items():
            file = asked.chart.with_stem(f"{asked.chart.stem}-{labels[name].split()[0]}")
            (x, y), (last, _) = points[0], points[-1]
            drawn = {"stocksync plan": points}
            if name == "more SKUs":
                drawn["as its input grows"] = [(x, y), (last, y * last / x)]
            file.write_text(chart.lines(name, drawn, labels[name], "s"))


def make_project(python, skus, stores, listings, seed):
    folder = CACHE / f"{skus}x{stores}-{seed}"
    if not (folder / "expected.json").is_file():
        shape = ["--skus", str(skus), "--stores", str(stores), "--listings", str(listings), "--seed", str(seed)]
        subprocess.run([python, str(HERE / "make_project.py"), str(folder), *shape], check=True)
    return folder


def count_rows(project):
    """Lines of all tables, without their heads."""
    tables = [*(project / "catalog").glob("*.csv"), *(project / "stores").glob("*.csv")]
    return sum(count_lines(table) - 1 for table in tables)


def count_lines(path):
    with open(path, "rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def measure(stocksync, project, runs):
    """Medians of wall seconds, processor seconds and peak bytes; the plan has as many rows as the project was made to have."""
    out = CACHE / "plan.csv"
    command = [stocksync, "-C", str(project), "plan", "--format", "csv", "--at", "2026-05-11"]
    taken = [run(command, out) for _ in range(runs + 1)][1:]
    expected = json.loads((project / "expected.json").read_text())["changes"]
    if count_lines(out) - 1 != expected:
        raise SystemExit(f"{project}: {count_lines(out) - 1} rows, where the project was made to have {expected}")
    return [statistics.median(each[at] for each in taken) for at in range(3)]


if __name__ == "__main__":
    main()
