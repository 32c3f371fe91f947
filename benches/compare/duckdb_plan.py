"""The plan as SQL for DuckDB, by hand: duckdb_plan.py PROJECT OUT

As an expert would: stores and warehouses as ENUMs and bit masks, prefixes and SKUs by hash joins, only real globs one by one, every file
read once, no order kept.
"""

import json
import os
import sys

import duckdb

from patterns import split

project, out = sys.argv[1:]
rules = json.load(open(f"{project}/rules.json"))
literals, prefixes, globs, rest = split(rules)
warehouses = sorted({name for rule in rules for name in rule["warehouses"]})
stores = sorted({name for rule in rules for name in rule["stores"]})
mask = lambda names, of: sum(1 << of.index(name) for name in names)
enum = lambda names: ",".join(f"'{name}'" for name in names)

db = duckdb.connect()
run = db.execute
run(f"SET threads={os.cpu_count()}; SET preserve_insertion_order=false")
run(f"CREATE TYPE warehouse AS ENUM ({enum(warehouses)}); CREATE TYPE store AS ENUM ({enum(stores)})")
run("CREATE TABLE rules(rank INT, name VARCHAR, warehouses INT, stores INT, threshold INT, rate INT, holder INT, below INT)")
rows = [
    (
        rule["order"],
        rule["name"],
        mask(rule["warehouses"], warehouses),
        mask(rule["stores"], stores),
        rule["threshold"],
        rule["rate"],
        stores.index(rule["priority_store"]) if rule["priority_store"] else -1,
        rule["below"] or 0,
    )
    for rule in rules
]
run("INSERT INTO rules VALUES " + ",".join("(" + ",".join(f"'{v}'" if isinstance(v, str) else str(v) for v in row) + ")" for row in rows))
run(
    f"""CREATE TABLE literals AS SELECT sku, min(rank) rank FROM
    (SELECT "order"::INT rank, unnest(skus) sku FROM read_json('{project}/rules.json'))
    WHERE NOT contains(sku, '*') AND NOT contains(sku, '?') GROUP BY sku"""
)
run("CREATE TABLE prefixes(length INT, prefix VARCHAR, rank INT)")
run("INSERT INTO prefixes VALUES " + ",".join(f"({n},'{prefix}',{rank})" for n, all in prefixes.items() for prefix, rank in all))
csv = lambda name, columns: f"read_csv('{project}/{name}.csv', header=true, auto_detect=false, delim=',', columns={columns})"
run(f"CREATE TABLE stock AS FROM {csv('catalog/stock', {'sku': 'VARCHAR', 'warehouse': 'warehouse', 'available': 'INTEGER'})}")
run(f"CREATE TABLE mappings AS FROM {csv('catalog/mappings', {'sku': 'VARCHAR', 'store': 'store', 'store_sku': 'VARCHAR'})}")
run("CREATE TABLE shown(store store, store_sku VARCHAR, quantity INTEGER)")
for name in stores:
    run(f"INSERT INTO shown SELECT '{name}', * FROM {csv(f'stores/{name}', {'store_sku': 'VARCHAR', 'quantity': 'INTEGER'})}")

ranks = ["coalesce(literals.rank, 99999)", *(f"coalesce(p{n}.rank, 99999)" for n in prefixes)]
ranks += [f"CASE WHEN sku GLOB '{glob}' THEN {rank} ELSE 99999 END" for glob, rank in globs] + [str(rank) for rank in rest]
joins = " ".join(f"LEFT JOIN (SELECT prefix, min(rank) rank FROM prefixes WHERE length={n} GROUP BY prefix) p{n} ON p{n}.prefix=left(sku,{n})" for n in prefixes)
columns = ",".join(f"coalesce(max(available) FILTER (WHERE warehouse='{name}'), 0)" for name in warehouses)
run(
    f"""CREATE TABLE won AS SELECT sku, units, rules.* FROM
    (SELECT skus.sku, units, least({','.join(ranks)}) won FROM (SELECT sku, [{columns}] units FROM stock GROUP BY sku) skus
     LEFT JOIN literals ON literals.sku = skus.sku {joins}) JOIN rules ON rank = won""".replace("sku GLOB", "skus.sku GLOB").replace("left(sku,", "left(skus.sku,")
)
available = "+".join(f"((warehouses>>{n})&1)*units[{n + 1}]" for n in range(len(warehouses)))
run(
    f"""CREATE TABLE numbers AS SELECT sku, stores, holder, available, name, rank, below_threshold, NOT below_threshold AND holder >= 0 AND available < below AS holds,
    CASE WHEN below_threshold THEN 0 ELSE available * rate // 100 END::INT rated
    FROM (SELECT *, available < threshold below_threshold FROM (SELECT *, {available} available FROM won))"""
)
run(
    f"""CREATE TABLE rows AS SELECT planned.store, planned.store_sku, sku, quantity "current", planned, available, name "rule", rank "order", reason FROM
    (SELECT *, enum_code(store) code, CASE WHEN holds AND holder <> enum_code(store) THEN 0 ELSE rated END planned,
     CASE WHEN below_threshold THEN 'below-threshold' WHEN NOT holds THEN 'rate' WHEN holder = enum_code(store) THEN 'priority' ELSE 'held-for-priority' END reason
     FROM mappings JOIN numbers USING (sku) WHERE (stores >> enum_code(store)) & 1 = 1) planned
    JOIN shown ON shown.store = planned.store AND shown.store_sku = planned.store_sku WHERE quantity <> planned"""
)
run(f"COPY rows TO '{out}' (HEADER)")
