"""Makes a large project from a seed: make_project.py FOLDER [--skus N] [--stores N] [--seed N]

Five warehouses, twelve stores or as many as asked for (a CSV file each), 200 rules. The stores show what the rules give in nine listings
out of ten, and have all but one in 200; rows stand in no order. The same seed gives the same bytes.
Beside the project stand `rules.json` (the rules for programs that do not read ours) and `expected.json` (how many rows a plan has).
"""

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
import polars as pl

WAREHOUSES = ["wh-ams", "wh-ber", "wh-lon", "wh-nyc", "wh-sfo"]
STORES = ["amazon-de", "amazon-uk", "amazon-us", "bol-nl", "ebay-de", "ebay-uk", "kaufland", "otto", "shop-eu", "shop-us", "walmart", "zalando"]
SIZES = ["XS", "S", "M", "L", "XL", "XXL"]
CATEGORIES, BRANDS, RULES = 50, 20, 200
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("folder", type=Path)
    asked.add_argument("--skus", type=int, default=1_000_000)
    asked.add_argument("--stores", type=int, default=12)
    asked.add_argument("--listings", type=float, default=0.8, help="what part of the SKUs each store lists")
    asked.add_argument("--seed", type=int, default=20260511)
    asked = asked.parse_args()
    make(asked.folder, asked.skus, asked.stores, asked.listings, asked.seed)


def make(folder, skus, stores=12, listings=0.8, seed=20260511):
    rng = np.random.default_rng(seed)
    for inner in ("catalog", "rules", "stores"):
        (folder / inner).mkdir(parents=True, exist_ok=True)
    names = STORES[:stores] if stores <= len(STORES) else [f"store-{n:04}" for n in range(stores)]
    goods = Goods(skus, rng)
    rules, taken = make_rules(goods, names, rng)
    write_config(folder, names)
    write_rules(folder, rules)
    available = write_stock(folder, goods, rng)
    planned = Planned(rules, taken, available, names)
    counts = write_listings(folder, goods, planned, names, listings, rng)
    (folder / "expected.json").write_text(json.dumps(counts, indent=1) + "\n")


class Goods:
    """SKUs like `KAB-QX-0001234-XL`."""

    def __init__(self, count, rng):
        names = lambda length, wanted: ["".join(x) for x in rng.permutation(["".join(p) for p in itertools.product(LETTERS, repeat=length)])[:wanted]]
        self.count, self.categories, self.brands = count, names(3, CATEGORIES), names(2, BRANDS)
        self.category, self.brand, self.size = (rng.integers(0, n, count) for n in (CATEGORIES, BRANDS, len(SIZES)))
        number = pl.Series(rng.permutation(count * 3)[:count]).cast(pl.String).str.zfill(7)
        take = lambda texts, index: pl.Series(texts).gather(index)
        parts = [take(self.categories, self.category), take(self.brands, self.brand), number, take(SIZES, self.size)]
        self.sku = pl.DataFrame(parts, schema=["c", "b", "n", "s"]).select(pl.concat_str(pl.all(), separator="-"))["c"]


def make_rules(goods, stores, rng):
    """The rules, and the rule of each SKU: 50 lists of SKUs, 100 of `CAT-BR-*`, 24 with a gap, 25 of `CAT-*`, and one for the rest."""
    explicit = 400 if goods.count >= 1_000_000 else 100
    pairs = iter(rng.permutation(CATEGORIES * BRANDS))
    kinds = []
    for rule in range(RULES):
        takes = np.zeros(goods.count, bool)
        if rule < 50:
            chosen = rng.choice(goods.count, min(int(rng.integers(explicit // 2, explicit * 3 // 2)), goods.count // 4), replace=False)
            patterns = [goods.sku[int(at)] for at in chosen]
            takes[chosen] = True
        elif rule < 150:
            patterns = []
            for pair in itertools.islice(pairs, 3 + rule % 2):
                c, b = divmod(int(pair), BRANDS)
                patterns.append(f"{goods.categories[c]}-{goods.brands[b]}-*")
                takes |= (goods.category == c) & (goods.brand == b)
        elif rule < 164:
            c, s = int(rng.integers(CATEGORIES)), int(rng.integers(len(SIZES)))
            patterns = [f"{goods.categories[c]}-*-{SIZES[s]}"]
            takes = (goods.category == c) & (goods.size == s)
        elif rule < 170:
            b, s = int(rng.integers(BRANDS)), int(rng.integers(len(SIZES)))
            patterns = [f"*-{goods.brands[b]}-*-{SIZES[s]}"]
            takes = (goods.brand == b) & (goods.size == s)
        elif rule < 174:
            c, b = int(rng.integers(CATEGORIES)), int(rng.integers(BRANDS))
            name = goods.categories[c]
            patterns = [f"{name[0]}?{name[2]}-{goods.brands[b]}-*"]
            alike = np.array([other[0] == name[0] and other[2] == name[2] for other in goods.categories])
            takes = alike[goods.category] & (goods.brand == b)
        elif rule < 199:
            patterns, takes = [f"{goods.categories[rule - 174]}-*"], goods.category == rule - 174
        else:
            patterns, takes = ["*"], np.ones(goods.count, bool)
        kinds.append((patterns, takes))
    taken = np.full(goods.count, -1)
    for rule in range(RULES - 1, -1, -1):
        taken[kinds[rule][1]] = rule
    rules = [make_rule(number, patterns, stores, rng) for number, (patterns, _) in enumerate(kinds)]
    return rules, taken


def make_rule(number, patterns, stores, rng):
    some = lambda of, least: sorted(rng.choice(of, int(rng.integers(min(least, len(of)), len(of) + 1)), replace=False).tolist())
    named = list(stores) if number == RULES - 1 else some(stores, 6)
    threshold = int(rng.integers(0, 21))
    rule = {
        "name": f"rule {number:03}",
        "order": (number + 1) * 10,
        "skus": sorted(set(patterns)),
        "warehouses": some(WAREHOUSES, 1),
        "stores": named,
        "threshold": threshold,
        "rate": int(rng.choice([10, 15, 20, 25, 30, 50, 60, 75, 80, 100])),
        "priority_store": None,
        "below": None,
    }
    if rng.random() < 0.3:
        rule["priority_store"] = str(rng.choice(named))
        rule["below"] = max(threshold, 1) + int(rng.integers(5, 60))
    return rule


def write_config(folder, stores):
    lines = "".join(f"  {name}: {{ connector: csv, settings: {{ path: stores/{name}.csv }} }}\n" for name in stores)
    (folder / "stocksync.yaml").write_text(f"warehouses: [{', '.join(WAREHOUSES)}]\nstores:\n{lines}")


def write_rules(folder, rules):
    text = []
    for rule in rules:
        patterns = '",\n    "'.join(rule["skus"])
        text += [f'rule "{rule["name"]}" {{', f"  order {rule['order']}", f'  skus "{patterns}"']
        text += [f"  warehouses {', '.join(rule['warehouses'])}", f"  stores {', '.join(rule['stores'])}"]
        text += [f"  threshold {rule['threshold']}", f"  rate {rule['rate']}%"]
        if rule["priority_store"]:
            text.append(f"  priority store {rule['priority_store']} below {rule['below']}")
        text += ["}", ""]
    (folder / "rules/all.sync").write_text("\n".join(text))
    (folder / "rules.json").write_text(json.dumps(rules))


def write_stock(folder, goods, rng):
    """What is available, by warehouse; three rows in a hundred are missing."""
    pl.DataFrame({"sku": goods.sku}).write_csv(folder / "catalog/skus.csv")
    available = np.where(rng.random((len(WAREHOUSES), goods.count)) < 0.3, 0, (rng.pareto(1.1, (len(WAREHOUSES), goods.count)) * 12).clip(0, 9999).astype(np.int64))
    there = rng.random(available.shape) < 0.97
    tables = []
    for number, warehouse in enumerate(WAREHOUSES):
        order = rng.permutation(goods.count)
        order = order[there[number][order]]
        columns = {"sku": goods.sku.gather(order), "warehouse": pl.repeat(warehouse, len(order), eager=True), "available": available[number][order]}
        tables.append(pl.DataFrame(columns))
    pl.concat(tables).write_csv(folder / "catalog/stock.csv")
    return available * there


class Planned:
    """What each SKU shows, by the definition of the rules."""

    def __init__(self, rules, taken, available, stores):
        of = lambda key, none=-1: np.array([none if rule[key] is None else rule[key] for rule in rules])[taken]
        places = {name: at for at, name in enumerate(stores)}
        masks = np.array([[name in rule["warehouses"] for name in WAREHOUSES] for rule in rules])
        units = (available * masks[taken].T).sum(0)
        self.rated = np.where(units < of("threshold"), 0, units * of("rate") // 100)
        self.holder = np.array([places.get(rule["priority_store"], -1) for rule in rules])[taken]
        self.held = (self.holder >= 0) & (units < of("below")) & (units >= of("threshold"))
        self.named = np.array([[name in rule["stores"] for name in stores] for rule in rules])
        self.taken = taken

    def of_store(self, store):
        """Whether the rules take each listing of the store, and the number that it should show."""
        return self.named[self.taken, store], np.where(self.held & (self.holder != store), 0, self.rated)


def write_listings(folder, goods, planned, stores, listings, rng):
    mappings, counts = [], {"skus": goods.count, "listings": 0, "planned": 0, "changes": 0}
    for number, name in enumerate(stores):
        listed = rng.random(goods.count) < listings
        store_sku = make_store_skus(number, goods.count, rng)
        takes, wanted = planned.of_store(number)
        other = np.maximum(wanted + np.where(rng.random(goods.count) < 0.5, 1, -1) * rng.integers(1, 20, goods.count), 0)
        other = np.where(other == wanted, wanted + 1, other)
        shown = np.where(rng.random(goods.count) < 0.1, other, wanted)
        missing = rng.random(goods.count) < 0.005
        order = rng.permutation(goods.count)
        order = order[listed[order]]
        columns = {"sku": goods.sku.gather(order), "store": pl.repeat(name, len(order), eager=True), "store_sku": store_sku.gather(order)}
        mappings.append(pl.DataFrame(columns))
        order = rng.permutation(goods.count)
        order = order[(listed & ~missing)[order]]
        pl.DataFrame({"store_sku": store_sku.gather(order), "quantity": shown[order]}).write_csv(folder / f"stores/{name}.csv")
        counts["listings"] += int(listed.sum())
        counts["planned"] += int((listed & ~missing & takes).sum())
        counts["changes"] += int((listed & ~missing & takes & (shown != wanted)).sum())
    with open(folder / "catalog/mappings.csv", "wb") as file:
        for number, table in enumerate(mappings):
            table.write_csv(file, include_header=number == 0)
    return counts


def make_store_skus(number, count, rng):
    """As stores write them: letters and digits, long numbers, or a prefix and a number."""
    if number < 3:
        codes = rng.permutation(count * 5)[:count].astype(np.int64) + 36**6
        digits = np.stack([np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype="S1")[codes // 36**place % 36] for place in range(7, -1, -1)], 1)
        return "B0" + pl.Series(np.ascontiguousarray(digits).view("S8").ravel().astype("U8"))
    if number in (8, 9):
        return pl.Series(rng.permutation(count * 4)[:count].astype(np.int64) * 977 + 43_000_000_000_000).cast(pl.String)
    return f"{LETTERS[number % 26]}{LETTERS[number // 26 % 26]}" + pl.Series(rng.permutation(count * 3)[:count]).cast(pl.String).str.zfill(8)


if __name__ == "__main__":
    main()
