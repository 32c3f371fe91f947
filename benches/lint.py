#!/usr/bin/env python3
"""How long `lint` takes, beside ruff: benches/lint.py [--runs N] [--seed N] [--skus N] STOCKSYNC RUFF

Makes its inputs from a seed, in a temporary folder; runs both programs in turn, so that a busy machine is busy for both; prints medians, of
wall time and of processor time, and their ratio. Ends with 1 where a fault that was put in is not found, or another one is.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STORES = ["amazon-de", "ebay-de", "otto", "shop-eu", "zalando"]
WAREHOUSES = ["wh-ams", "wh-ber"]


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("stocksync")
    asked.add_argument("ruff")
    asked.add_argument("--runs", type=int, default=21)
    asked.add_argument("--seed", type=int, default=20260511)
    asked.add_argument("--skus", type=int, default=100_000, help="how many the large catalog has")
    asked = asked.parse_args()
    stocksync, ruff = map(os.path.abspath, (asked.stocksync, asked.ruff))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        rng = random.Random(asked.seed)
        make_python(folder / "python", rng)
        make_rules(folder / "small", rng, files=20, rules=200)
        make_tables(folder / "small", ["A1"])
        beside = [ruff, "check", "--no-cache", "--isolated", "--quiet", str(folder / "python")]
        lint = lambda name: [stocksync, "-C", str(folder / name), "lint", "--format", "concise"]
        compare("starting: --version", [stocksync, "--version"], [ruff, "--version"], asked.runs)
        compare("200 rules in 20 files, one SKU, beside 20 Python files", lint("small"), beside, asked.runs)
        shutil.copytree(folder / "small", folder / "bare", ignore=lambda _, names: {"catalog"} & set(names))
        compare("the same without a catalog", lint("bare"), beside, asked.runs)

        sound = True
        for name, every, what in (("half", 2, "every second one broken"), ("all", 1, "each broken")):
            broken = make_rules(folder / name, rng, files=20, rules=10_000, broken=every)
            make_tables(folder / name, ["A1"])
            for form in ("concise", "json", "full"):
                command = lint(name)[:-1] + [form]
                compare(f"10,000 rules, {what}, --format {form}", command, None, asked.runs, exit=1)
            sound &= check_faults([*lint(name)[:-1], "json"], broken)

        make_rules(folder / "large", rng, files=20, rules=200, tiny=False)
        make_tables(folder / "large", [f"{prefix(at % 200)}-{at:06}" for at in range(asked.skus)])
        compare(f"200 rules over {asked.skus:,} SKUs, {2 * asked.skus:,} rows of stock and as many mappings", lint("large"), None, asked.runs)
    sys.exit(0 if sound else 1)


def compare(what, ours, theirs, runs, exit=0):
    times = {"ours": [], "theirs": []}
    for _ in range(runs + 1):
        for name, command in (("ours", ours), ("theirs", theirs)):
            if command:
                times[name].append(run(command, exit if name == "ours" else 0))
    # The first run warms the disk's cache.
    wall, cpu = ({name: median(all[1:], at) for name, all in times.items() if all} for at in (0, 1))
    line = f"{what}: {wall['ours']:.1f} ms, {cpu['ours']:.1f} ms of processor"
    if theirs:
        line += f"; ruff {wall['theirs']:.1f} ms, {cpu['theirs']:.1f} ms: "
        line += f"ratio {wall['ours'] / wall['theirs']:.2f}, of processor {cpu['ours'] / cpu['theirs']:.2f}"
    print(line, flush=True)


def run(command, exit):
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != exit:
        sys.exit(f"exit {process.returncode} of {' '.join(command)}")
    return wall * 1000, (used.ru_utime + used.ru_stime) * 1000


def median(times, at):
    return statistics.median(time[at] for time in times)


def check_faults(command, expected):
    found = json.loads(subprocess.run(command, capture_output=True).stdout)["diagnostics"]
    found = sorted((one["file"], one["start"]["line"], one["name"]) for one in found if one["level"] == "deny")
    print(f"faults put in: {len(expected)}, found: {len(found)}, at their lines: {found == sorted(expected)}")
    for one in sorted(set(expected) ^ set(found))[:10]:
        print("  only in one of them:", one)
    return found == sorted(expected)


def prefix(rule):
    return "".join(chr(ord("A") + rule // 26**place % 26) for place in (2, 1, 0))


# A fault each: the field that is written instead, and its name. What a line replaces stands on the same line.
FAULTS = [
    ("rate", "  rate 50", "bad-percentage"),
    ("stores", "  stores amazon-de, ottto", "unknown-store"),
    ("warehouses", "  warehouses wh-ams wh-ber", "syntax"),
    ("threshold", "  treshold 3", "unknown-field"),
    ("skus", '  skus "A-*', "syntax"),
    ("threshold", "  threshold -3", "bad-quantity"),
    ("order", "  order 1.5", "bad-quantity"),
    ("rate", "  priority store shop-eu below", "syntax"),
]


def make_rules(folder, rng, files, rules, broken=0, tiny=True):
    """Rules that take nothing from each other, of each file each `broken`-th with a fault; the faults as (file, line, name)."""
    faults = []
    (folder / "rules").mkdir(parents=True)
    stores = "".join(f"  {name}: {{ connector: csv, settings: {{ path: {name}.csv }} }}\n" for name in STORES)
    # Their tables hold one SKU.
    head = "lint: { pattern-matches-nothing: allow, unmapped-store: allow }\n" if tiny else ""
    head += f"limits: {{ rules: {rules} }}\nwarehouses: [{', '.join(WAREHOUSES)}]\nstores:\n{stores}"
    (folder / "stocksync.yaml").write_text(head)
    for file in range(files):
        name, lines = f"rules/r{file:02}.sync", []
        for rule in range(file, rules, files):
            fields = {
                "order": f"  order {rule + 1}",
                "skus": f'  skus "{prefix(rule)}-*" except "{prefix(rule)}-*-SAMPLE"',
                "warehouses": f"  warehouses {', '.join(rng.sample(WAREHOUSES, rng.randint(1, 2)))}",
                "stores": f"  stores {', '.join(['amazon-de', 'shop-eu', *rng.sample(['ebay-de', 'otto', 'zalando'], 2)])}",
                "threshold": f"  threshold {rng.randint(1, 9)}",
                "rate": f"  rate {rng.choice([25, 50, 75, 80])}%",
                "store": f"  store shop-eu {{ rate {rng.choice([10, 20, 30])}%  cap {rng.randint(10, 50)} }}",
            }
            lines += [f"# Rule {rule}.", f'rule "rule {rule}" {{']
            if broken and (rule // files) % broken == broken - 1:
                key, text, fault = FAULTS[rng.randrange(len(FAULTS))]
                fields[key] = text
                faults.append((name, len(lines) + list(fields).index(key) + 1, fault))
            lines += [*fields.values(), "}", ""]
        (folder / name).write_text("\n".join(lines))
    return faults


def make_tables(folder, skus):
    catalog = folder / "catalog"
    catalog.mkdir()
    (catalog / "skus.csv").write_text("sku,name\n" + "".join(f"{sku},Goods {sku}\n" for sku in skus))
    stock = "".join(f"{sku},{name},{len(sku)}\n" for name in WAREHOUSES for sku in skus)
    (catalog / "stock.csv").write_text("sku,warehouse,available\n" + stock)
    mappings = "".join(f"{sku},{name},{name}-{sku}\n" for name in STORES[:2] for sku in skus)
    (catalog / "mappings.csv").write_text("sku,store,store_sku\n" + mappings)
    for name in STORES:
        (folder / f"{name}.csv").write_text("store_sku,quantity\n")


def make_python(folder, rng):
    """20 files of about the size of a rule file (2 KB), without a finding."""
    folder.mkdir()
    for file in range(20):
        lines = ["import math", "", ""]
        for number in range(10):
            lines += [
                f"def rule_{number}(available, threshold={rng.randint(1, 9)}, rate={rng.choice([25, 50, 75])}):",
                f'    """Rule {number}."""',
                "    if available < threshold:",
                "        return 0",
                f"    shown = math.floor(available * rate / 100) + {rng.randint(0, 3)}",
                f"    return min(shown, {rng.randint(10, 50)})",
                "",
                "",
            ]
        (folder / f"m{file:02}.py").write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
