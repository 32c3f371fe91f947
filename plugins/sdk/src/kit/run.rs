//! One operation from its start to its end.

use super::{Reply, World};
use crate::abi::column_id::{EXPECTED, INDEX, OUTCOME, QUANTITY, STORE_SKU, TEXT};
use crate::ffi::{RawPlugin, RawSession, Refusal};
use crate::message::{Action, Actions, BodyRange, Event, EventKind, FORMAT_VERSION, Http, OpenConfig};
use crate::rows::{Page, TextColumn};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// No connector needs more steps for what a test gives it.
const STEPS_MAX: usize = 20_000;

/// An item to write, or a listing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The store SKU.
    pub sku: String,
    /// The quantity to write.
    pub quantity: i64,
    /// The quantity that must be there.
    pub expected: Option<i64>,
}

impl Item {
    /// An item to write, whatever is there.
    #[must_use]
    pub fn new(sku: &str, quantity: i64) -> Self {
        Self { sku: sku.to_owned(), quantity, expected: None }
    }
}

/// What came of an operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// What the connector ended with; `Err` where the operation failed as a whole.
    pub end: Option<Result<(), String>>,
    /// Whether it said that nothing was written.
    pub nothing_written: bool,
    /// Each outcome: the item, the outcome, its text.
    pub outcomes: Vec<(u32, u8, String)>,
    /// Each listing that was read.
    pub quantities: Vec<(String, i64)>,
    /// Each request, as the connector wrote it, and its body.
    pub requests: Vec<(Http, Vec<u8>)>,
    /// What went against the protocol.
    pub faults: Vec<String>,
    /// How many files were replaced.
    pub commits: usize,
    /// All text that the connector gave.
    pub texts: String,
}

impl Run {
    /// Runs an operation.
    #[must_use]
    pub fn of(
        plugin: RawPlugin,
        world: &mut World,
        settings: &Value,
        operation: &str,
        items: &[Item],
    ) -> Self {
        let mut run = Self::default();
        let config = OpenConfig {
            format_version: FORMAT_VERSION,
            store: "shop".to_owned(),
            settings: settings.clone(),
            secrets: world.secrets.keys().cloned().collect(),
        };
        match plugin.open(&serde_json::to_vec(&config).unwrap_or_default()) {
            Ok(session) => Driver::new(session, world, &mut run).drive(operation, items),
            Err((_, why)) => run.end = Some(Err(why)),
        }
        run
    }

    /// The outcome of an item and its text, if it has exactly one.
    #[must_use]
    pub fn outcome(&self, item: usize) -> Option<(u8, &str)> {
        let mut of_item = self.outcomes.iter().filter(|(index, ..)| *index as usize == item);
        match (of_item.next(), of_item.next()) {
            (Some((_, outcome, text)), None) => Some((*outcome, text)),
            _ => None,
        }
    }
}

struct Driver<'a> {
    session: RawSession,
    world: &'a mut World,
    run: &'a mut Run,
    queue: VecDeque<(Event, Vec<u8>, Page)>,
    reading: BTreeMap<u32, (Vec<u8>, usize)>,
    writing: BTreeMap<u32, Vec<u8>>,
}

impl<'a> Driver<'a> {
    fn new(session: RawSession, world: &'a mut World, run: &'a mut Run) -> Self {
        Self {
            session,
            world,
            run,
            queue: VecDeque::new(),
            reading: BTreeMap::new(),
            writing: BTreeMap::new(),
        }
    }

    fn drive(mut self, operation: &str, items: &[Item]) {
        self.start(operation, items);
        for _ in 0..STEPS_MAX {
            let Some((event, body, page)) = self.queue.pop_front() else {
                return self.fault("nothing under way, and no `done`");
            };
            let json = serde_json::to_vec(&event).unwrap_or_default();
            match self.session.step(&json, &body, &page) {
                Ok(answer) => {
                    self.rows(&answer.page);
                    self.run.texts.push_str(&String::from_utf8_lossy(&answer.actions_json));
                    self.run.texts.push_str(&String::from_utf8_lossy(&answer.bodies));
                    match serde_json::from_slice::<Actions>(&answer.actions_json) {
                        Ok(Actions { actions, .. }) => self.act(actions, &answer.bodies),
                        Err(why) => self.fault(&format!("actions that cannot be read: {why}")),
                    }
                }
                Err(refusal) => self.refused(&event, refusal),
            }
            if self.run.end.is_some() {
                return;
            }
        }
        self.fault("it does not come to an end");
    }

    fn start(&mut self, operation: &str, items: &[Item]) {
        let start = EventKind::Start {
            operation: operation.to_owned(),
            entropy: "00112233445566778899aabbccddeeff".to_owned(),
            idempotency_key: "contract-1".to_owned(),
            since: None,
        };
        let pages: Vec<Page> = items.chunks(self.world.page_rows.max(1)).map(page).collect();
        let count = pages.len().max(1);
        let pages = pages.into_iter().chain(items.is_empty().then(Page::new));
        for (at, page) in pages.enumerate() {
            let kind = if at == 0 { start.clone() } else { EventKind::More {} };
            self.push(kind, Vec::new(), page, at + 1 < count);
        }
    }

    fn push(&mut self, kind: EventKind, body: Vec<u8>, page: Page, more_rows: bool) {
        let event = Event { format_version: FORMAT_VERSION, now: self.world.now, kind, more_rows };
        self.queue.push_back((event, body, page));
    }

    fn tell(&mut self, kind: EventKind, body: Vec<u8>) {
        self.push(kind, body, Page::new(), false);
    }

    fn fault(&mut self, what: &str) {
        self.run.faults.push(what.to_owned());
    }

    /// An answer that came twice may be refused: nothing more.
    fn refused(&mut self, event: &Event, (status, why): Refusal) {
        self.run.texts.push_str(&why);
        let again = self.world.twice && matches!(event.kind, EventKind::Response { .. });
        if !(again && status == crate::abi::STATUS_WRONG_STATE) {
            self.fault(&format!("status {status}: {why}"));
            self.run.end = Some(Err(why));
        }
    }

    fn rows(&mut self, page: &Page) {
        let Ok(rows) = page.view() else { return };
        let texts = rows.texts(TEXT);
        for row in 0..rows.len() {
            let text = texts.and_then(|texts| texts.get(row)).unwrap_or_default();
            let outcome = rows.u8s(OUTCOME).and_then(|outcomes| outcomes.get(row));
            if let (Some(index), Some(outcome)) = (rows.u32s(INDEX).and_then(|all| all.get(row)), outcome) {
                self.run.outcomes.push((index, *outcome, text.to_owned()));
            }
            let sku = rows.texts(STORE_SKU).and_then(|skus| skus.get(row));
            if let (Some(sku), Some(quantity)) = (sku, rows.i64s(QUANTITY).and_then(|all| all.get(row))) {
                self.run.quantities.push((sku.to_owned(), quantity));
            }
            self.run.texts.push_str(text);
        }
    }

    fn act(&mut self, actions: Vec<Action>, bodies: &[u8]) {
        for action in actions {
            match action {
                Action::Http(http) => self.send(*http, bodies),
                Action::ReadFile { id, path } => match self.world.files.get(&path) {
                    Some(file) => {
                        self.reading.insert(id, (file.clone(), 0));
                        self.chunk(id);
                    }
                    None => self.failed(id, "not-found", &format!("`{path}`: there is no such file")),
                },
                Action::NextChunk { id } => self.chunk(id),
                Action::WriteFile { id, path, append, commit } => {
                    self.write(id, path, append, commit, bodies)
                }
                Action::Wait { id, seconds } => {
                    self.world.now += (seconds.clamp(0.0, 1e9) * 1000.0) as i64;
                    self.tell(EventKind::Timer { id }, Vec::new());
                }
                Action::MoreRows {} => self.tell(EventKind::More {}, Vec::new()),
                Action::Order { .. } => {}
                Action::Done { error, nothing_written } => {
                    self.run.nothing_written = nothing_written;
                    self.run.end = Some(error.map_or(Ok(()), Err));
                }
            }
        }
    }

    fn failed(&mut self, id: u32, kind: &str, message: &str) {
        self.tell(EventKind::Failed { id, kind: kind.to_owned(), message: message.to_owned() }, Vec::new());
    }

    fn chunk(&mut self, id: u32) {
        let Some((file, at)) = self.reading.get_mut(&id) else {
            return self.fault("a chunk of a file that is not being read");
        };
        let end = (*at + self.world.chunk_bytes.max(1)).min(file.len());
        let (chunk, last) = (file.get(*at..end).unwrap_or_default().to_vec(), end == file.len());
        *at = end;
        if last {
            self.reading.remove(&id);
        }
        self.tell(EventKind::Chunk { id, last }, chunk);
    }

    fn write(&mut self, id: u32, path: String, append: BodyRange, commit: bool, bodies: &[u8]) {
        let Some(piece) = range(bodies, append) else {
            return self.fault("a piece that is not in the bodies");
        };
        let new = self.writing.entry(id).or_default();
        new.extend_from_slice(piece);
        if commit {
            let new = self.writing.remove(&id).unwrap_or_default();
            self.world.files.insert(path, new);
            self.run.commits += 1;
            self.tell(EventKind::Written { id }, Vec::new());
        }
    }

    fn send(&mut self, http: Http, bodies: &[u8]) {
        let Some(body) = http.body.map_or(Some(&[][..]), |body| range(bodies, body)) else {
            return self.fault("a body that is not in the bodies");
        };
        self.run.requests.push((http.clone(), body.to_vec()));
        let (id, filled) = (http.id, self.filled(http.clone()));
        let Some(Reply { status, headers, body, after_ms }) = (self.world.shop)(&filled, body) else {
            self.world.now += 30_000;
            return self.failed(id, "timeout", "no answer in 30 seconds");
        };
        self.world.now += after_ms;
        for _ in 0..=usize::from(self.world.twice) {
            self.tell(EventKind::Response { id, status, headers: headers.clone() }, body.clone());
        }
    }

    fn filled(&self, mut http: Http) -> Http {
        for (name, value) in &self.world.secrets {
            let place = format!("{{{{secret:{name}}}}}");
            http.url = http.url.replace(&place, value);
            http.headers.iter_mut().for_each(|(_, header)| *header = header.replace(&place, value));
        }
        http
    }
}

fn range(bodies: &[u8], range: BodyRange) -> Option<&[u8]> {
    let start = usize::try_from(range.offset).ok()?;
    bodies.get(start..start.checked_add(usize::try_from(range.len).ok()?)?)
}

fn page(items: &[Item]) -> Page {
    let quantities: Vec<i64> = items.iter().map(|item| item.quantity).collect();
    let expected: Vec<Option<i64>> = items.iter().map(|item| item.expected).collect();
    let skus: TextColumn = items.iter().map(|item| item.sku.as_str()).collect();
    Page::new().texts(STORE_SKU, skus).i64s(QUANTITY, &quantities).optional_i64s(EXPECTED, &expected)
}
