//! What the engine's thread shows of what it has in memory: a plan, how a number came to be, how it is.

use super::desk::{Health, PlanWanted, Unable, UnableKind};
use super::turn::Room;
use crate::catalog::SkuId;
use crate::hex::hex;
use crate::plan::{Columns, Counts, Head, Keep, PlanRows, Scope, Tally, tally};
use crate::report::why::{WHY_FORMATS, WhyReport};
use crate::report::{Color, PLAN_FORMATS, PlanReport};
use crate::rules::StoreId;
use crate::shell::state::StateFault;
use crate::shell::threads;
use crate::trace::{Known, trace};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// How wide a report may be that is not for a terminal.
const WIDTH: usize = 100;

/// The plan, as `plan --format json` prints it: what the stores should show, against what was last known of them.
pub(super) fn plan(room: &Room, wanted: &PlanWanted, now: Timestamp) -> Result<String, Unable> {
    let columns = room.engine.columns();
    let scope = scope(columns, wanted)?;
    let bounds = room.engine.bounds();
    let mut tally = tally(columns, &scope, &bounds, threads());
    let head = head(room, &scope, &tally, now);
    tally.listings.truncate(wanted.rows_max);
    let rows = PlanRows::new(columns, &room.project.sources, tally.listings, threads());
    let report =
        PlanReport { head: &head, rows: &rows, color: Color::Never, width: WIDTH, threads: threads() };
    let mut out = Vec::new();
    let json = PLAN_FORMATS.iter().find(|format| format.name == "json");
    let written = json.map(|format| (format.render)(&report, &mut out));
    text(written.is_some_and(|written| written.is_ok()), out)
}

/// How a number came to be, as `why --format json` prints it.
pub(super) fn why(room: &mut Room, sku: &str, store: Option<&str>, now: Timestamp) -> Result<String, Unable> {
    let columns = room.engine.columns();
    let only = store.map(|name| find_store(columns, name)).transpose()?;
    let id = find_sku(columns, sku)?;
    let orders = room.engine.orders_of(id).map_err(unusable)?;
    let columns = room.engine.columns();
    let known = Known {
        rules: columns.rules,
        catalog: columns.catalog,
        declared: columns.declared,
        sources: &room.project.sources,
        live: columns.live,
        bounds: &room.engine.bounds(),
        orders: &orders,
        at: now,
    };
    let story = trace(known, sku, only);
    let mut out = Vec::new();
    let json = WHY_FORMATS.iter().find(|format| format.name == "json");
    let written =
        json.map(|format| (format.render)(&WhyReport { trace: &story, color: Color::Never }, &mut out));
    text(written.is_some_and(|written| written.is_ok()), out)
}

/// How it is.
pub(super) fn health(room: &Room) -> Health {
    let figures = room.engine.figures();
    let mut health = room.engine.health();
    health.newest.clone_from(&room.newest);
    health.unusable.clone_from(&room.fault);
    health.events = figures.events;
    for (at, store) in health.stores.iter_mut().enumerate() {
        store.faulty = room.crew.fault(at);
    }
    health
}

fn text(written: bool, out: Vec<u8>) -> Result<String, Unable> {
    String::from_utf8(out)
        .ok()
        .filter(|_| written)
        .ok_or_else(|| Unable::new(UnableKind::Unavailable, "it could not be written as JSON"))
}

fn unusable(fault: StateFault) -> Unable {
    Unable { help: fault.help, ..Unable::new(UnableKind::Unavailable, fault.message) }
}

fn find_store(columns: Columns<'_>, name: &str) -> Result<StoreId, Unable> {
    let found = columns.declared.stores.iter().position(|store| store == name);
    let unknown = || Unable::new(UnableKind::Unknown, format!("no store `{name}` in `stocksync.yaml`"));
    found.map(|at| StoreId(at as u16)).ok_or_else(unknown)
}

fn find_sku(columns: Columns<'_>, name: &str) -> Result<SkuId, Unable> {
    let unknown = || Unable::new(UnableKind::Unknown, format!("no SKU `{name}` in the catalog"));
    columns.catalog.find_sku(name).ok_or_else(unknown)
}

fn scope(columns: Columns<'_>, wanted: &PlanWanted) -> Result<Scope, Unable> {
    let stores = wanted.stores.iter().map(|name| find_store(columns, name)).collect::<Result<_, _>>()?;
    let skus = wanted.skus.iter().map(|name| find_sku(columns, name)).collect::<Result<_, _>>()?;
    Ok(Scope { stores, skus, keep: if wanted.all { Keep::All } else { Keep::Changes } })
}

fn head(room: &Room, scope: &Scope, tally: &Tally, now: Timestamp) -> Head {
    let columns = room.engine.columns();
    let of_store = columns.declared.stores.iter().zip(&tally.stores).enumerate();
    let mut stores: Vec<(String, Counts)> = of_store
        .filter(|(at, _)| scope.has_store(StoreId(*at as u16)))
        .map(|(_, (name, tally))| (name.clone(), tally.counts))
        .collect();
    stores.sort_by(|a, b| a.0.cmp(&b.0));
    let mut problems = tally.problems.clone();
    problems.sort();
    for problem in &problems {
        if let Some((_, counts)) = stores.iter_mut().find(|(name, _)| *name == problem.store) {
            counts.problems += 1;
        }
    }
    let paused = room.project.config.stores.iter().filter(|store| store.paused);
    let mut paused: Vec<String> = paused.map(|store| store.name.clone()).collect();
    paused.sort();
    Head {
        plan_id: plan_id(columns.rules.version(), now),
        created_at: now,
        at: now,
        rules_version: columns.rules.version().to_owned(),
        total: stores.iter().fold(Counts::default(), |sum, (_, counts)| sum.plus(*counts)),
        stores,
        problems,
        guards: room.engine.guards_met(),
        calls: Vec::new(),
        stock_age_seconds: None,
        orders_taken: 0,
        paused,
        switched_off: !room.project.config.inventory_features,
    }
}

/// It names what is shown, which nobody can carry out.
fn plan_id(version: &str, now: Timestamp) -> String {
    let mut hash = Sha256::new();
    hash.update(version);
    hash.update(now.to_string());
    hex(hash.finalize().get(..16).unwrap_or_default())
}
