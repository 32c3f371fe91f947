#!/usr/bin/env python3
"""Turns the UCI order stream (`online-retail/orders.csv.gz`: order_id,placed_at,country,sku,quantity) into a project and its
events: `uci_orders.py ORDERS.csv.gz DIR [--shuffle SEED] [--twice] [--stock PERCENT]`.

- A country is a store (`store_united-kingdom` for `United Kingdom`), a stock code is a listing and a merchant SKU.
- Times are UTC. An order is one event, `order-placed`; each of its rows is a line, numbered from 1.
- An order whose id begins with `C` is an `order-returned` of its own lines, into the one warehouse.
- A row with a negative quantity in another order is a correction of stock, not a sale: it comes back the same way, in an
  `order-returned` of its own (`ID-corrections`). A row of quantity 0 is left out.
- Rows of one order in two countries are two orders, one in each store. Some have two times, a minute apart: the first counts.

The project is one warehouse with enough of everything, true before the first order. `expected.csv` is what is left of each SKU by
a plain sum over the rows. With `--stock 60`, for `backtest`, there is less: of each SKU 60% of all that is sold of it.
"""

import collections
import csv
import gzip
import json
import pathlib
import random
import re
import sys

STOCK = 1_000_000


def main():
    source, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    orders, sums, sold = collections.OrderedDict(), collections.Counter(), collections.Counter()
    with gzip.open(source, "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            quantity = int(row["quantity"])
            if quantity == 0:
                continue
            number, store = row["order_id"], "store_" + re.sub(r"[^a-z0-9]+", "-", row["country"].lower())
            back = number.startswith("C") or quantity < 0
            name = number if number.startswith("C") == back else f"{number}-corrections"
            order = orders.setdefault((name, store, back), (row["placed_at"] + "Z", []))
            order[1].append({"line": str(len(order[1]) + 1), "store_sku": row["sku"], "quantity": abs(quantity)})
            sums[row["sku"]] += abs(quantity) if back else -quantity
            sold[row["sku"]] += 0 if back else quantity
    events = [event(*key, *order) for key, order in orders.items()]
    if "--twice" in sys.argv:
        events += events
    if "--shuffle" in sys.argv:
        random.Random(int(sys.argv[sys.argv.index("--shuffle") + 1])).shuffle(events)
    percent = int(sys.argv[sys.argv.index("--stock") + 1]) if "--stock" in sys.argv else None
    stock = {sku: STOCK if percent is None else sold[sku] * percent // 100 for sku in sums}
    write(folder, events, sums, stock, sorted({store for _, store, _ in orders}))


def event(name, store, back, at, lines):
    common = {"id": f"{store}/{name}", "order": name, "store": store, "lines": lines}
    if back:
        return {**common, "type": "order-returned", "warehouse": "main", "at": at}
    return {**common, "type": "order-placed", "placed_at": at}


def write(folder, events, sums, stock, stores):
    for name in ("rules", "catalog", "stores"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with open(folder / "events.jsonl", "w", encoding="utf-8") as out:
        for one in events:
            out.write(json.dumps(one, ensure_ascii=False) + "\n")
    skus = sorted(sums)
    table(folder / "catalog/skus.csv", ["sku", "name"], ([sku, ""] for sku in skus))
    rows = ([sku, "main", stock[sku], "2010-01-01T00:00:00Z"] for sku in skus)
    table(folder / "catalog/stock.csv", ["sku", "warehouse", "available", "as_of"], rows)
    sold = sorted({(one["store"], line["store_sku"]) for one in events for line in one["lines"]})
    table(folder / "catalog/mappings.csv", ["sku", "store", "store_sku"], ([sku, store, sku] for store, sku in sold))
    table(folder / "expected.csv", ["sku", "available"], ([sku, stock[sku] + sums[sku]] for sku in skus))
    for store in stores:
        listed = ([sku, 0] for of, sku in sold if of == store)
        table(folder / f"stores/{store}.csv", ["store_sku", "quantity"], listed)
    lines = [f"  {store}: {{ connector: csv, settings: {{ path: stores/{store}.csv }} }}" for store in stores]
    (folder / "stocksync.yaml").write_text("warehouses: [main]\nstores:\n" + "\n".join(lines) + "\n")
    rule = 'rule "All" {\n  order 1\n  skus all\n  warehouses all\n  stores all\n}\n'
    (folder / "rules/all.sync").write_text(rule)


def table(path, head, rows):
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
