//! The engine over a state in a file, with stores in memory.

mod activations;
mod errands;
mod faults;
mod flow;
mod gone;
mod guards;
mod reloads;

use super::*;
use crate::catalog::{Catalog, Rows};
use crate::config::{Drift, OnRelease, ReadBefore};
use crate::dispatch::{CircuitLimits, Outcome, RetryLimits, Terms};
use crate::eval::Bounds;
use crate::orders::{Event, Line, OrderChange, OrderEvent, PartOfLine, StockChange, StockEvent, What};
use crate::plan::GuardLimits;
use crate::record::Trigger;
use crate::rules::{Declared, RuleSet};
use crate::shell::state::{Covers, First, Holder, NewRun, RecordQuery, SqliteState, Version};
use crate::threads::Threads;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// A wins over everything; KIT is 2 × A and 1 × C.
const RULES: &str = r#"
rule "all" { order 1 skus all warehouses all stores all rate 100% }
"#;

/// How the next piece of work at a store goes.
#[derive(Clone, Debug)]
enum Fate {
    Done,
    /// The store did it, and the answer was lost.
    LostAfter,
    LostBefore,
    NotSent(Option<u64>),
    Accepted,
    /// Its end is not told now.
    Kept,
}

struct World {
    engine: Option<Engine<SqliteState>>,
    dir: tempfile::TempDir,
    shop: Shop,
    now: Timestamp,
    /// What the stores show.
    live: BTreeMap<(&'static str, String), i64>,
    fates: BTreeMap<&'static str, Vec<Fate>>,
    /// What was done, in words.
    log: Vec<String>,
    kept: Vec<Work>,
    /// What the next store says that is asked for orders.
    orders: Vec<Event>,
    stock: Vec<(&'static str, &'static str, i64)>,
    /// When the stock file was changed last, where that is known.
    stock_file_at: Option<Timestamp>,
    /// So many SKUs of one kind, in place of A, C and KIT.
    skus: usize,
}

/// What a project says.
#[derive(Clone)]
struct Shop {
    rules: String,
    outlets: Vec<Outlet>,
    inventory_features: bool,
    on_release: OnRelease,
    guards: GuardLimits,
    /// Whether the mappings know the bundle.
    maps_kit: bool,
}

const STORES: [&str; 2] = ["web", "shop"];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

fn outlet() -> Outlet {
    Outlet {
        fulfil_from: None,
        paused: false,
        drift: Drift::Report,
        bounds: Bounds::default(),
        terms: Terms {
            items_max: 10,
            concurrency: 1,
            all_or_nothing: false,
            conditional: true,
            read_before: ReadBefore::Raises,
            reads_max: 100,
            window_max: 100,
            retry: RetryLimits { attempts_max: 3, ..RetryLimits::default() },
            circuit: CircuitLimits { failures_max: 3, ..CircuitLimits::default() },
            fresh_ms: 1_000,
        },
        has_orders: false,
        can_poll: true,
    }
}

impl World {
    /// Ten of A and four of C; every store shows what it should, and everything was synced once.
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Shop)) -> Self {
        Self::of(0, change)
    }

    fn of(skus: usize, change: impl FnOnce(&mut Shop)) -> Self {
        let mut shop = Shop {
            rules: RULES.to_owned(),
            outlets: vec![outlet(), outlet()],
            inventory_features: true,
            on_release: OnRelease::Keep,
            guards: GuardLimits { to_zero: None, ..GuardLimits::default() },
            maps_kit: true,
        };
        change(&mut shop);
        let mut world = Self {
            engine: None,
            dir: tempfile::tempdir().expect("a folder"),
            shop,
            now: at("2026-01-01T00:00:00Z"),
            live: BTreeMap::new(),
            fates: BTreeMap::new(),
            log: Vec::new(),
            kept: Vec::new(),
            orders: Vec::new(),
            stock: vec![("A", "w", 10), ("C", "w", 4)],
            stock_file_at: None,
            skus,
        };
        for store in STORES {
            let few = [("a", 10), ("kit", 4), ("c", 4)].map(|(sku, number)| (sku.to_owned(), number));
            let many = (0..skus).map(|at| (format!("s{at:02}"), 10));
            let listings = if skus == 0 { few.to_vec() } else { many.collect() };
            world.live.extend(listings.into_iter().map(|(sku, number)| ((store, sku), number)));
        }
        world.sync_once();
        world.start();
        world.run();
        world.log.clear();
        world
    }

    fn open(&self) -> SqliteState {
        let holder = Holder { pid: 1, command: "serve".to_owned(), since: self.now };
        SqliteState::open(&self.dir.path().join(".stocksync/state.db"), &holder).expect("a state")
    }

    /// A run of `sync` that found nothing to do.
    fn sync_once(&self) {
        let rules = self.rules();
        let run = NewRun {
            plan_id: Some("p"),
            trigger: Trigger::SyncNow,
            actor: "ana",
            order_id: None,
            now: self.now,
            version: Version { version: rules.version(), rules: rules.canonical(), commit: None },
            activate: self.shop.inventory_features,
            replaces: &[],
            pinned: None,
            covers: Covers::All,
        };
        let mut state = self.open();
        state.begin(&run, &mut std::iter::empty()).expect("synced");
        for store in STORES {
            let of = self.live.iter().filter(|((of, _), _)| *of == store);
            let mut numbers = of.map(|((_, sku), number)| (sku.as_str(), *number));
            state.observe(store, &mut numbers, self.now).expect("observed");
        }
    }

    fn declared(&self) -> Declared {
        Declared {
            warehouses: vec!["w".into(), "v".into()],
            stores: STORES.iter().map(|&store| store.to_owned()).collect(),
            timezone: jiff::tz::TimeZone::UTC,
            rules_max: 9,
        }
    }

    fn rules(&self) -> RuleSet {
        let mut sources = crate::source::Sources::new();
        let text = &self.shop.rules;
        let file = sources.add("a.sync", text);
        let (ast, faults) = crate::syntax::parse(file, text);
        assert_eq!(faults, []);
        let (checked, faults) = crate::check::check(&[(file, ast)], &self.declared());
        assert_eq!(faults, []);
        checked.rule_set().cloned().expect("rules")
    }

    fn setup(&self) -> Setup {
        let declared = self.declared();
        let many: Vec<(String, String)> =
            (0..self.skus).map(|at| (format!("S{at:02}"), format!("s{at:02}"))).collect();
        let many = || many.iter().map(|(sku, listing)| (sku.as_str(), listing.as_str()));
        let few = [("A", "a"), ("KIT", "kit"), ("C", "c")];
        let few = few.into_iter().filter(|(sku, _)| *sku != "KIT" || self.shop.maps_kit);
        let pairs: Vec<_> = if self.skus > 0 { many().collect() } else { few.collect() };
        let mappings: Vec<_> = STORES
            .iter()
            .flat_map(|store| pairs.iter().map(|(sku, listing)| (*sku, *store, *listing, 1)))
            .collect();
        let stock: Vec<_> = many().map(|(sku, _)| (sku, "w", 10)).chain(self.stock.iter().copied()).collect();
        let mut catalog = Catalog::build(Rows {
            warehouses: &declared.warehouses,
            stores: &declared.stores,
            skus: &["A", "C", "KIT"],
            stock: &stock,
            mappings: &mappings,
            bundles: &[("KIT", "A", 2), ("KIT", "C", 1)],
        });
        catalog.set_stock_modified(self.stock_file_at);
        Setup {
            rules: Arc::new(self.rules()),
            catalog,
            declared,
            stores: self.shop.outlets.clone(),
            inventory_features: self.shop.inventory_features,
            guards: self.shop.guards.clone(),
            on_release: self.shop.on_release,
            commit: None,
            reconcile_seconds: 3_600,
            orders_seconds: 60,
            threads: Threads::ONE,
        }
    }

    /// Starts on what is on disk. What was under way is forgotten, as by a kill.
    fn start(&mut self) {
        self.engine = None;
        self.kept.clear();
        self.engine = Some(Engine::start(self.open(), self.setup(), self.now).expect("started"));
    }

    fn engine(&mut self) -> &mut Engine<SqliteState> {
        self.engine.as_mut().expect("started")
    }

    /// Takes events that come together, and commits.
    fn tell(&mut self, events: &[Event]) -> Vec<Verdict> {
        let now = self.now;
        let events = told(events, now);
        let verdicts = self.engine().events(&events, now).expect("taken");
        self.engine().commit().expect("committed");
        verdicts
    }

    /// Does everything that is to be done now.
    fn run(&mut self) {
        loop {
            let now = self.now;
            let mut works = Vec::new();
            while let Some(work) = self.engine().poll(now).expect("polled") {
                works.push(work);
            }
            self.engine().commit().expect("committed");
            if works.is_empty() {
                return;
            }
            for work in works {
                if let Some(ended) = self.carry(&work) {
                    self.engine().ended(work.id, ended, now, 0).expect("told");
                } else {
                    self.kept.push(work);
                }
            }
            self.engine().commit().expect("committed");
        }
    }

    /// Follows the project as it is now, and does what is to be done then.
    fn reload(&mut self) {
        let (setup, now) = (self.setup(), self.now);
        self.engine().reload(setup, now).expect("reloaded");
        self.engine().commit().expect("committed");
        self.run();
    }

    /// Waits so many seconds, and does what is to be done then.
    fn wait(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).expect("a moment");
        self.run();
    }

    fn carry(&mut self, work: &Work) -> Option<Ended> {
        let store = STORES[usize::from(work.store.0)];
        let fate = self.fates.get_mut(store).filter(|fates| !fates.is_empty()).map(|fates| fates.remove(0));
        match &work.task {
            Task::Send { items, .. } => {
                let told: Vec<_> =
                    items.iter().map(|item| format!("{}:{}", item.store_sku, item.after)).collect();
                self.log.push(format!("{store} <- {}", told.join(" ")));
                self.send(store, items, fate)
            }
            Task::Read { store_skus } => {
                let whole = store_skus.len() >= 3 || !self.shop.maps_kit;
                if !whole {
                    self.log.push(format!("{store} -> {}", store_skus.join(" ")));
                }
                if let Some(Fate::NotSent(after)) = fate {
                    return Some(Ended::Failed("down".to_owned(), after));
                }
                if let Some(Fate::Kept) = fate {
                    return None;
                }
                let shown = store_skus
                    .iter()
                    .filter_map(|sku| Some((sku.clone(), *self.live.get(&(store, sku.clone()))?)));
                Some(Ended::Shown(shown.collect()))
            }
            Task::Tickets(items) => {
                self.log.push(format!("{store} ? {}", items.len()));
                if let Some(Fate::Kept) = fate {
                    return None;
                }
                for (item, _) in items {
                    self.live.insert((store, item.store_sku.clone()), item.after as i64);
                }
                Some(Ended::Outcomes(vec![Outcome::Sent; items.len()]))
            }
            Task::Orders { since } => {
                self.log.push(format!("{store} orders since {since}"));
                Some(Ended::Orders(std::mem::take(&mut self.orders)))
            }
        }
    }

    fn send(
        &mut self,
        store: &'static str,
        items: &[crate::dispatch::Item],
        fate: Option<Fate>,
    ) -> Option<Ended> {
        match fate {
            Some(Fate::NotSent(after)) => return Some(Ended::NotSent("down".to_owned(), after)),
            Some(Fate::LostBefore) => return Some(Ended::Lost("timeout".to_owned())),
            Some(Fate::Kept) => return None,
            Some(Fate::Accepted) => {
                return Some(Ended::Outcomes(vec![Outcome::Accepted("t".to_owned()); items.len()]));
            }
            Some(Fate::LostAfter | Fate::Done) | None => {}
        }
        let mut outcomes = Vec::new();
        for item in items {
            let shows = self.live.get(&(store, item.store_sku.clone())).copied();
            if item.before.is_some() && shows != item.before {
                outcomes.push(Outcome::Conflict);
                continue;
            }
            self.live.insert((store, item.store_sku.clone()), item.after as i64);
            outcomes.push(Outcome::Sent);
        }
        let lost = matches!(fate, Some(Fate::LostAfter));
        Some(if lost { Ended::Lost("timeout".to_owned()) } else { Ended::Outcomes(outcomes) })
    }

    /// What the stores show, as `web a:9 c:4 kit:4, shop …`.
    fn shows(&self) -> String {
        let one = |store: &&str| {
            let of = self.live.iter().filter(|((of, _), _)| of == store);
            let numbers: Vec<_> = of.map(|((_, sku), number)| format!("{sku}:{number}")).collect();
            format!("{store} {}", numbers.join(" "))
        };
        STORES.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// Records, oldest first, as `trigger order store_sku before->after status detail #activation`.
    fn records(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        let query = RecordQuery { first: First::Oldest, ..RecordQuery::default() };
        self.engine()
            .state()
            .records(&query, &mut |record| {
                lines.push(format!(
                    "{} {} {} {} {}->{} {}{} #{}",
                    record.trigger.name(),
                    record.order_id.unwrap_or("-"),
                    record.store,
                    record.store_sku,
                    record.before.map_or("?".to_owned(), |before| before.to_string()),
                    record.after,
                    record.status.name(),
                    record.detail.map_or(String::new(), |detail| format!(" ({detail})")),
                    record.activation.map_or("-".to_owned(), |number| number.to_string()),
                ));
                ControlFlow::Continue(())
            })
            .expect("records");
        lines
    }

    #[track_caller]
    fn check_log(&mut self, expected: &[&str]) {
        assert_eq!(std::mem::take(&mut self.log), expected);
    }

    /// Nothing waits and nothing is under way.
    #[track_caller]
    fn check_done(&mut self) {
        for store in STORES {
            let state = self.engine().state();
            assert_eq!(state.pending(store, 9).expect("read"), []);
            assert_eq!(state.unresolved(store, 9).expect("read"), []);
            assert_eq!(state.accepted(store, 9).expect("read"), []);
        }
    }
}

fn told(events: &[Event], now: Timestamp) -> Vec<Told> {
    let told = |event: &Event| Told { event: event.clone(), actor: "till".to_owned(), arrived: now };
    events.iter().map(told).collect()
}

fn order(id: &str, store: &str, placed_at: &str, lines: &[(&str, u32)]) -> Event {
    let lines = lines.iter().enumerate().map(|(at, (store_sku, quantity))| Line {
        line: at.to_string(),
        store_sku: (*store_sku).to_owned(),
        quantity: *quantity,
    });
    let change = OrderChange::Placed { placed_at: at(placed_at), lines: lines.collect() };
    event(&format!("{id} placed"), id, Some(store), change)
}

fn cancelled(id: &str) -> Event {
    event(&format!("{id} cancelled"), id, None, OrderChange::Cancelled(None))
}

fn event(id: &str, order: &str, store: Option<&str>, change: OrderChange) -> Event {
    let what = OrderEvent { order: order.to_owned(), store: store.map(str::to_owned), change };
    Event { id: id.to_owned(), at: None, what: What::Order(what) }
}

fn stock(id: &str, sku: &str, units: i64, as_of: &str) -> Event {
    let change = StockChange::Available { units, as_of: at(as_of) };
    let what = StockEvent { sku: sku.to_owned(), warehouse: "w".to_owned(), change, cause: None };
    Event { id: id.to_owned(), at: None, what: What::Stock(what) }
}

/// Lines of an order that were shipped; all of it.
fn shipped(id: &str) -> Event {
    let all: Option<Vec<PartOfLine>> = None;
    event(&format!("{id} shipped"), id, None, OrderChange::Shipped(all))
}
