"""The plan with Polars, by hand: polars_plan.py PROJECT OUT

Prefixes and SKUs by joins, only real globs by regular expressions, each step on all cores.
"""

import json
import re
import sys

import polars as pl

from patterns import split

project, out = sys.argv[1:]
rules = json.load(open(f"{project}/rules.json"))
literals, prefixes, globs, rest = split(rules)
stores = sorted({name for rule in rules for name in rule["stores"]})


def table(rows):
    return pl.DataFrame(rows, schema={"key": pl.String, "order": pl.Int32}, orient="row").lazy()


def regex(glob):
    return "^" + "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in glob) + "$"


names = ["order", "name", "threshold", "rate", "priority_store", "below"]
settings = pl.DataFrame({name: [rule[name] for rule in rules] for name in names}).with_columns(pl.col("order", "threshold", "rate", "below").cast(pl.Int32)).lazy()
pairs = lambda key, name: pl.DataFrame([(rule["order"], one) for rule in rules for one in rule[key]], schema={"order": pl.Int32, name: pl.String}, orient="row").lazy()

stock = pl.scan_csv(f"{project}/catalog/stock.csv", schema_overrides={"available": pl.Int32}).collect().lazy()
mappings = pl.scan_csv(f"{project}/catalog/mappings.csv", schema_overrides={"store_sku": pl.String}).collect().lazy()
shown = pl.concat(
    pl.scan_csv(f"{project}/stores/{name}.csv", schema_overrides={"store_sku": pl.String, "quantity": pl.Int32}).with_columns(store=pl.lit(name)) for name in stores
).collect().lazy()

skus = mappings.select(pl.col("sku").unique())
found = [skus.join(table(literals), left_on="sku", right_on="key").select("sku", "order")]
for length, rows in prefixes.items():
    found.append(skus.with_columns(key=pl.col("sku").str.head(length)).join(table(rows), on="key").select("sku", "order"))
others = [pl.when(pl.col("sku").str.contains(regex(glob))).then(pl.lit(order, pl.Int32)) for glob, order in globs]
found.append(skus.select("sku", pl.min_horizontal(others + [pl.lit(order, pl.Int32) for order in rest]).alias("order")))
won = pl.concat(found).group_by("sku").agg(pl.col("order").min()).filter(pl.col("order").is_not_null()).collect().lazy()

units = stock.join(won, on="sku").join(pairs("warehouses", "warehouse"), on=["order", "warehouse"]).group_by("sku").agg(pl.col("available").sum())
below = pl.col("available") < pl.col("threshold")
numbers = (
    won.join(units, on="sku", how="left")
    .with_columns(pl.col("available").fill_null(0).cast(pl.Int64))
    .join(settings, on="order")
    .with_columns(
        below_threshold=below,
        holds=~below & pl.col("priority_store").is_not_null() & (pl.col("available") < pl.col("below").fill_null(0)),
        rated=pl.when(below).then(0).otherwise(pl.col("available") * pl.col("rate") // 100).cast(pl.Int32),
    )
)
held = pl.col("holds") & (pl.col("priority_store") != pl.col("store"))
reason = pl.when("below_threshold").then(pl.lit("below-threshold")).when(held).then(pl.lit("held-for-priority")).when("holds").then(pl.lit("priority")).otherwise(pl.lit("rate"))
planned = (
    mappings.join(numbers, on="sku")
    .join(pairs("stores", "store"), on=["order", "store"])
    .select("store", "store_sku", "sku", "available", "name", "order", planned=pl.when(held).then(0).otherwise(pl.col("rated")), reason=reason)
    .collect()
    .lazy()
)
rows = planned.join(shown, on=["store", "store_sku"]).filter(pl.col("quantity") != pl.col("planned"))
rows.select("store", "store_sku", "sku", pl.col("quantity").alias("current"), "planned", "available", pl.col("name").alias("rule"), "order", "reason").collect().write_csv(out)
