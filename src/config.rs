//! `stocksync.yaml`: everything a project says about itself but its rules and its goods.

pub mod names;
mod network;
mod reader;
mod serve;
mod stores;
mod tree;

pub use network::Network;
pub use serve::{AlertKind, AlertSettings, Serve, ServeLimits};
pub use stores::{Drift, ReadBefore, Secret, Store, StoreLimits};

use crate::catalog::quoted;
use crate::diagnostic::codes::BAD_CONFIG;
use crate::diagnostic::{Code, Diagnostic, Level, find_code, nearest};
use crate::rules::{BasisPoints, Declared};
use crate::source::{FileId, Span};
use jiff::tz::TimeZone;
use reader::{Fields, Found, stays_inside};
use tree::Node;

/// A project's configuration, total: every key has its value.
#[derive(Clone, Debug)]
pub struct Config {
    /// The master switch: off, nothing is ever written.
    pub inventory_features: bool,
    /// For moments without an offset.
    pub timezone: TimeZone,
    /// The folder of the rules.
    pub rules: String,
    /// Where the tables are.
    pub catalog: CatalogPaths,
    /// Declared warehouses.
    pub warehouses: Vec<String>,
    /// Declared stores, in the order of the file.
    pub stores: Vec<Store>,
    /// The most rules there may be.
    pub rules_max: usize,
    /// Levels of warnings that are not the default ones.
    pub lint: Vec<(&'static Code, Level)>,
    /// What a plan is refused for.
    pub guards: Guards,
    /// What becomes of a listing that no rule takes any more.
    pub on_release: OnRelease,
    /// Where the state is: `sqlite:PATH`.
    pub state: String,
    /// How long records are kept, in seconds; `None`: for ever.
    pub records_keep_seconds: Option<u64>,
    /// Folders searched for plugins besides the program's own.
    pub plugins: Vec<String>,
    /// How the network is reached.
    pub network: Network,
    /// The daemon.
    pub serve: Serve,
}

/// Where the tables are, relative to the project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CatalogPaths {
    /// `skus.csv`.
    pub skus: String,
    /// `stock.csv`.
    pub stock: String,
    /// `mappings.csv`.
    pub mappings: String,
    /// `bundles.csv`, which need not be there.
    pub bundles: String,
}

/// What a plan is refused for; `None` is off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Guards {
    /// Listings going from above 0 to 0, as a share of those above 0.
    pub to_zero: Option<BasisPoints>,
    /// Listings changed.
    pub changed: Option<BasisPoints>,
    /// Stock rows of the last run that are gone.
    pub missing_stock: Option<BasisPoints>,
    /// How old stock may be, in seconds.
    pub max_stock_age_seconds: Option<u64>,
}

/// What becomes of a listing that no rule takes any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnRelease {
    /// It keeps its number.
    #[default]
    Keep,
    /// It gets a 0.
    Zero,
}

impl Default for Config {
    fn default() -> Self {
        let table = |name: &str| format!("catalog/{name}.csv");
        Self {
            inventory_features: true,
            timezone: TimeZone::UTC,
            rules: "rules".into(),
            catalog: CatalogPaths {
                skus: table("skus"),
                stock: table("stock"),
                mappings: table("mappings"),
                bundles: table("bundles"),
            },
            warehouses: Vec::new(),
            stores: Vec::new(),
            rules_max: 200,
            lint: Vec::new(),
            guards: Guards {
                to_zero: Some(BasisPoints(3_000)),
                changed: None,
                missing_stock: None,
                max_stock_age_seconds: None,
            },
            on_release: OnRelease::default(),
            state: "sqlite:.stocksync/state.db".into(),
            records_keep_seconds: None,
            plugins: Vec::new(),
            network: Network::default(),
            serve: Serve::default(),
        }
    }
}

impl Config {
    /// The level of a warning, where it is not the default one.
    pub fn level_of(&self, code: &'static Code) -> Option<Level> {
        self.lint.iter().find(|(named, _)| *named == code).map(|&(_, level)| level)
    }

    /// What rules and tables are read against.
    pub fn declared(&self) -> Declared {
        Declared {
            warehouses: self.warehouses.clone(),
            stores: self.stores.iter().map(|store| store.name.clone()).collect(),
            timezone: self.timezone.clone(),
            rules_max: self.rules_max,
        }
    }
}

const KEYS: &[&str] = &[
    "inventory_features",
    "timezone",
    "rules",
    "catalog",
    "warehouses",
    "stores",
    "limits",
    "lint",
    "guards",
    "on_release",
    "state",
    "records",
    "plugins",
    "network",
    "serve",
];

/// Records may not be forgotten while their writes are under way.
const KEEP_SECONDS_MIN: u64 = 3_600;

/// Stores and warehouses are numbered with 16 bits.
const NAMES_MAX: usize = u16::MAX as usize;

/// Reads `stocksync.yaml` and reports every fault. What is faulty has its default in the configuration.
pub fn read(file: FileId, text: &str) -> (Config, Vec<Diagnostic>) {
    let (root, diagnostics) = tree::parse(file, text);
    let mut found = Found { diagnostics };
    let mut config = Config::default();
    if let Some(root) = root {
        let fields = found.fields(&root, "the configuration", KEYS);
        config.read_project(&fields, &mut found);
        config.read_places(&fields, &mut found);
        config.read_names(&fields, &mut found);
        config.read_judgement(&fields, &mut found);
    }
    found.diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    (config, found.diagnostics)
}

impl Config {
    fn read_project(&mut self, fields: &Fields<'_>, found: &mut Found) {
        if let Some(&node) = fields.get("inventory_features") {
            // A switch that cannot be read is off: nothing is written by mistake.
            self.inventory_features = found.switch(node, "`inventory_features`").unwrap_or(false);
        }
        if let Some(&node) = fields.get("timezone")
            && let Some(timezone) = timezone(node, found)
        {
            self.timezone = timezone;
        }
        if let Some(&node) = fields.get("on_release") {
            let choices = [("keep", OnRelease::Keep), ("zero", OnRelease::Zero)];
            self.on_release = found.choice(node, "`on_release`", &choices).unwrap_or_default();
        }
        if let Some(&node) = fields.get("limits") {
            let limits = found.fields(node, "`limits`", &["rules"]);
            let rules = limits.get("rules").and_then(|node| found.whole(node, "`rules`", (1, 1_000_000)));
            self.rules_max = rules.map_or(self.rules_max, |rules| rules as usize);
        }
    }

    fn read_places(&mut self, fields: &Fields<'_>, found: &mut Found) {
        let path = |node: Option<&&Node>, name: &str, path: &mut String, found: &mut Found| {
            if let Some(read) = node.and_then(|node| found.path(node, name)) {
                *path = read;
            }
        };
        path(fields.get("rules"), "`rules`", &mut self.rules, found);
        if let Some(&node) = fields.get("catalog") {
            let tables = found.fields(node, "`catalog`", &["skus", "stock", "mappings", "bundles"]);
            path(tables.get("skus"), "`skus`", &mut self.catalog.skus, found);
            path(tables.get("stock"), "`stock`", &mut self.catalog.stock, found);
            path(tables.get("mappings"), "`mappings`", &mut self.catalog.mappings, found);
            path(tables.get("bundles"), "`bundles`", &mut self.catalog.bundles, found);
        }
        if let Some(&node) = fields.get("plugins") {
            let folders = found.list(node, "`plugins`").iter();
            self.plugins = folders.filter_map(|node| found.path(node, "a folder in `plugins`")).collect();
        }
        if let Some(&node) = fields.get("network") {
            self.network = network::read(node, found);
        }
        if let Some(&node) = fields.get("serve") {
            self.serve = serve::read(node, found);
        }
        if let Some(&node) = fields.get("state") {
            self.read_state(node, found);
        }
        if let Some(&node) = fields.get("records") {
            let records = found.fields(node, "`records`", &["keep"]);
            let keep =
                records.get("keep").and_then(|node| found.duration(node, "`keep`").zip(Some(node.span)));
            self.records_keep_seconds = keep.and_then(|(keep, span)| {
                if keep.is_some_and(|seconds| seconds < KEEP_SECONDS_MIN) {
                    found.fault(
                        span,
                        "`keep` must be an hour at least",
                        "what is under way is younger than that",
                    );
                    return None;
                }
                keep
            });
        }
    }

    fn read_state(&mut self, node: &Node, found: &mut Found) {
        let Some(text) = found.text(node, "`state`") else { return };
        let path = text.strip_prefix("sqlite:");
        if path.is_some_and(stays_inside) {
            text.clone_into(&mut self.state);
        } else if path.is_some() {
            let message = "`state` must be a path within the project folder, with `/`";
            found.fault(node.span, message, "write it like `sqlite:.stocksync/state.db`");
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            // The address may hold a password: it is never shown.
            found.fault(
                node.span,
                "`state` in PostgreSQL is not built yet",
                "use `sqlite:.stocksync/state.db`",
            );
        } else {
            found.fault(
                node.span,
                "`state` must be `sqlite:PATH`",
                "write it like `sqlite:.stocksync/state.db`",
            );
        }
    }

    fn read_names(&mut self, fields: &Fields<'_>, found: &mut Found) {
        if let Some(&node) = fields.get("warehouses") {
            self.warehouses = warehouses(node, found);
        }
        if let Some(&node) = fields.get("stores") {
            let entries = found.entries(node, "`stores`");
            if entries.len() > NAMES_MAX {
                found.fault(node.span, format!("there are more than {NAMES_MAX} stores"), "");
            }
            let entries = entries.into_iter().take(NAMES_MAX);
            self.stores =
                entries.map(|(key, node)| stores::read(key, node, &self.warehouses, found)).collect();
        }
    }

    fn read_judgement(&mut self, fields: &Fields<'_>, found: &mut Found) {
        if let Some(&node) = fields.get("lint") {
            self.lint = lint_levels(node, found);
        }
        if let Some(&node) = fields.get("guards") {
            let known = &["to_zero", "changed", "missing_stock", "max_stock_age"];
            let guards = found.fields(node, "`guards`", known);
            let share = |name: &str, guard: &mut Option<BasisPoints>, found: &mut Found| {
                if let Some(read) = guards.get(name).and_then(|node| found.share(node, &quoted(name))) {
                    *guard = read;
                }
            };
            share("to_zero", &mut self.guards.to_zero, found);
            share("changed", &mut self.guards.changed, found);
            share("missing_stock", &mut self.guards.missing_stock, found);
            if let Some(node) = guards.get("max_stock_age") {
                self.guards.max_stock_age_seconds = found.duration(node, "`max_stock_age`").flatten();
            }
        }
    }
}

fn timezone(node: &Node, found: &mut Found) -> Option<TimeZone> {
    let name = found.text(node, "`timezone`")?;
    if let Ok(timezone) = TimeZone::get(name) {
        return Some(timezone);
    }
    let known: Vec<_> = jiff::tz::db().available().map(|known| known.to_string()).collect();
    let help = match nearest(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write it like `Asia/Jakarta`".to_owned(),
    };
    found.fault(node.span, format!("there is no time zone {}", quoted(name)), &help);
    None
}

fn warehouses(node: &Node, found: &mut Found) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut places = std::collections::BTreeMap::<&str, Span>::new();
    let items = found.list(node, "`warehouses`");
    if items.len() > NAMES_MAX {
        found.fault(node.span, format!("there are more than {NAMES_MAX} warehouses"), "");
    }
    for item in items.iter().take(NAMES_MAX) {
        let Some(name) = found.text(item, "the name of a warehouse") else { continue };
        stores::judge_name(name, item.span, "warehouse", found);
        if let Some(&first) = places.get(name) {
            let message = format!("the warehouse {} is declared twice", quoted(name));
            let diagnostic = Diagnostic::new(&BAD_CONFIG, item.span, message);
            found.diagnostics.push(diagnostic.with_related(first, "first here"));
        } else {
            places.insert(name, item.span);
            all.push(name.to_owned());
        }
    }
    all
}

fn lint_levels(node: &Node, found: &mut Found) -> Vec<(&'static Code, Level)> {
    let choices =
        [("allow", Level::Allow), ("info", Level::Info), ("warn", Level::Warn), ("deny", Level::Deny)];
    let mut levels: Vec<(&'static Code, Level)> = Vec::new();
    for (key, value) in found.entries(node, "`lint`") {
        let level = found.choice(value, &quoted(&key.text), &choices);
        let Some(code) = find_code(&key.text) else {
            let names = crate::diagnostic::codes().map(|code| code.name);
            let help = nearest(&key.text, names).map(|meant| format!("did you mean `{meant}`?"));
            let help = help.unwrap_or_else(|| "`stocksync explain` lists them all".into());
            found.fault(key.span, format!("there is no warning {}", quoted(&key.text)), &help);
            continue;
        };
        if code.level == Level::Deny {
            let message = format!("{} is an error, its level cannot be changed", quoted(&key.text));
            found.fault(key.span, message, "only warnings have a level that can be set");
        } else if levels.iter().any(|(known, _)| known == &code) {
            let message = format!("the level of `{}` is set twice, by its name and by its code", code.name);
            found.fault(key.span, message, "keep one of them");
        } else if let Some(level) = level {
            levels.push((code, level));
        }
    }
    levels
}

#[cfg(test)]
mod tests;
