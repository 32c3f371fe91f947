//! Writes a [`Shop`] as the project folder that a person might have written, in one of many ways.

use super::rng::Rng;
use super::shop::{Item, Levels, List, Piece, Rule, Shop};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Writes everything under `root`; `rng` decides on order and layout, never on meaning.
pub fn write(shop: &Shop, root: &Path, rng: &mut Rng) {
    for folder in ["rules/more", "catalog", "stores"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("stocksync.yaml"), config(shop)).unwrap();
    rules(shop, root, rng);
    table(
        root,
        "catalog/skus.csv",
        "sku,name",
        shop.skus.iter().map(|sku| vec![sku.clone(), "Item, \"x\"".into()]),
        rng,
    );
    let stock = shop.stock.iter().map(|((sku, warehouse), (on_hand, reserved))| {
        vec![sku.clone(), format!("wh-{warehouse}"), on_hand.to_string(), reserved.to_string()]
    });
    table(root, "catalog/stock.csv", "sku,warehouse,on_hand,reserved", stock, rng);
    let mappings = shop.mappings.iter().map(|mapping| {
        let units =
            if mapping.units == 1 && mapping.store == 0 { String::new() } else { mapping.units.to_string() };
        vec![mapping.sku.clone(), format!("shop_{}", mapping.store), mapping.store_sku.clone(), units]
    });
    table(root, "catalog/mappings.csv", "sku,store,store_sku,units", mappings, rng);
    let bundles = shop.bundles.iter().flat_map(|(bundle, parts)| {
        parts.iter().map(move |(part, units)| vec![bundle.clone(), part.clone(), units.to_string()])
    });
    table(root, "catalog/bundles.csv", "bundle,sku,units", bundles, rng);
    for store in 0..shop.stores {
        let listings = shop.mappings.iter().filter(|mapping| mapping.store == store);
        let rows = listings.filter_map(|m| Some(vec![m.store_sku.clone(), m.live?.to_string()]));
        table(root, &format!("stores/shop_{store}.csv"), "store_sku,quantity", rows, rng);
    }
}

fn config(shop: &Shop) -> String {
    let warehouses: Vec<_> = (0..shop.warehouses).map(|n| format!("wh-{n}")).collect();
    let mut text = format!(
        "guards: {{ to_zero: 100% }}\nlint: {{ SS101: info }}\nwarehouses: [{}]\nstores:\n",
        warehouses.join(", ")
    );
    for n in 0..shop.stores {
        writeln!(text, "  shop_{n}: {{ connector: csv, settings: {{ path: stores/shop_{n}.csv }} }}")
            .unwrap();
    }
    text
}

fn table(root: &Path, path: &str, head: &str, rows: impl Iterator<Item = Vec<String>>, rng: &mut Rng) {
    let mut rows: Vec<String> =
        rows.map(|row| row.iter().map(|cell| cell_text(cell, rng)).collect::<Vec<_>>().join(",")).collect();
    rng.shuffle(&mut rows);
    let end = if rng.chance(20) { "\r\n" } else { "\n" };
    let bom = if rng.chance(20) { "\u{feff}" } else { "" };
    let mut text = format!("{bom}{head}{end}");
    for row in rows {
        text += &row;
        text += end;
    }
    fs::write(root.join(path), text).unwrap();
}

fn cell_text(cell: &str, rng: &mut Rng) -> String {
    if cell.contains([',', '"', '\n', '\r']) || rng.chance(5) {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell.to_owned()
}

fn rules(shop: &Shop, root: &Path, rng: &mut Rng) {
    let mut items: Vec<String> = shop
        .lists
        .iter()
        .enumerate()
        .map(|(n, list)| format!("let list_{n} = {}\n", list_text(list, rng)))
        .collect();
    items.extend(shop.rules.iter().map(|rule| rule_text(rule, rng)));
    rng.shuffle(&mut items);
    let mut files = vec![String::new(); 3];
    for item in items {
        let file = rng.below(files.len());
        files[file] += &item;
        files[file] += "\n";
    }
    for (path, text) in ["rules/00.sync", "rules/01.sync", "rules/more/02.sync"].iter().zip(files) {
        let text = if rng.chance(20) { text.replace('\n', "\r\n") } else { text };
        fs::write(root.join(path), text).unwrap();
    }
}

pub fn list_text(list: &List, rng: &mut Rng) -> String {
    let join = |items: &[Item], rng: &mut Rng| {
        let mut items: Vec<String> = items.iter().map(item_text).collect();
        rng.shuffle(&mut items);
        let comma = if rng.chance(10) { "," } else { "" };
        items.join(", ") + if items == ["all"] { "" } else { comma }
    };
    let mut text = join(&list.items, rng);
    if !list.except.is_empty() {
        text += " except ";
        text += &join(&list.except, rng);
    }
    text
}

fn item_text(item: &Item) -> String {
    match item {
        Item::All => "all".into(),
        Item::Named(number) => format!("list_{number}"),
        Item::Glob(pieces) => {
            let pieces = pieces.iter().map(|piece| match piece {
                Piece::Star => "*".to_owned(),
                Piece::One => "?".to_owned(),
                Piece::Text(text) => {
                    text.replace('\\', "\\\\").replace('"', "\\\"").replace('*', "\\*").replace('?', "\\?")
                }
            });
            format!("\"{}\"", pieces.collect::<String>())
        }
    }
}

fn rule_text(rule: &Rule, rng: &mut Rng) -> String {
    let name = rule.name.replace('\\', "\\\\").replace('"', "\\\"");
    let mut fields = vec![format!("order {}", rule.order), format!("skus {}", list_text(&rule.skus, rng))];
    let names = |ids: &[usize], prefix: &str| {
        ids.iter().map(|id| format!("{prefix}{id}")).collect::<Vec<_>>().join(", ")
    };
    fields.push(format!("warehouses {}", names(&rule.warehouses, "wh-")));
    fields.push(format!("stores {}", names(&rule.stores, "shop_")));
    let moment = |days: i64| {
        let days = 27 + days;
        let (month, day) = if days > 30 { (12, days - 30) } else { (11, days) };
        format!("2026-{month}-{day:02}T12:00:00Z")
    };
    let from = rule.from.map(|days| format!(" from {}", moment(days)));
    let until = rule.until.map(|days| format!(" until {}", moment(days)));
    if from.is_some() || until.is_some() {
        fields.push(format!("active{}{}", from.unwrap_or_default(), until.unwrap_or_default()));
    }
    if rule.threshold > 0 || rng.chance(20) {
        fields.push(format!("threshold {}", rule.threshold));
    }
    fields.extend(level_texts(&rule.levels));
    if let Some((store, below)) = rule.priority {
        fields.push(format!("priority store shop_{store} below {below}"));
    }
    if let Some(split) = &rule.split {
        let weights: Vec<_> = split.iter().map(|(store, weight)| format!("shop_{store} {weight}")).collect();
        fields.push(format!("split {}", weights.join(", ")));
    }
    for (store, levels) in &rule.overrides {
        fields.push(format!("store shop_{store} {{ {} }}", level_texts(levels).join(" ")));
    }
    rng.shuffle(&mut fields);
    let between = *rng.pick(&["\n  ", " ", "\n\n  # why\n", "  # note\n  "]);
    let off = if rule.off { " off" } else { "" };
    format!("rule \"{name}\"{off} {{\n  {}\n}}\n", fields.join(between))
}

fn level_texts(levels: &Levels) -> Vec<String> {
    let rate = levels.rate.map(|rate| match (rate / 100, rate % 100) {
        (whole, 0) => format!("rate {whole}%"),
        (whole, rest) => format!("rate {whole}.{rest:02}%"),
    });
    let number = |name: &str, value: Option<u64>| value.map(|value| format!("{name} {value}"));
    [
        number("reserve", levels.reserve),
        rate,
        number("plus", levels.plus),
        levels.round.map(|round| format!("round {round}")),
        number("floor", levels.floor),
        number("cap", levels.cap),
    ]
    .into_iter()
    .flatten()
    .collect()
}
