//! Drives one session, event by event.

use super::run::{Item, Listed, Run};
use super::{Address, Reply, World, fill};
use crate::abi::column_id::{
    ADDRESS, EXPECTED, HELD, INDEX, OUTCOME, PARENT, QUANTITY, STORE_SKU, TEXT, TICKET,
};
use crate::abi::outcome::ACCEPTED;
use crate::ffi::{RawSession, Refusal};
use crate::message::{Action, Actions, BodyRange, Event, EventKind, FORMAT_VERSION, Http, Request, Verify};
use crate::rows::{Page, TextColumn};
use std::collections::{BTreeMap, VecDeque};

/// No connector needs more steps for what a test gives it.
const STEPS_MAX: usize = 20_000;
/// No connector waits longer in one operation, in seconds: as long as the host lets it.
const WAIT_SECONDS_MAX: f64 = 3_600.0;
const TIMEOUT_MS: i64 = 30_000;
/// The most actions of one step, as with the host.
const ACTIONS_MAX: usize = 10_000;

/// What a session is about.
#[derive(Default)]
pub(super) struct Start<'a> {
    pub(super) operation: &'a str,
    pub(super) items: &'a [Item],
    /// Whether items go with the world's addresses.
    pub(super) addressed: bool,
    pub(super) since: Option<i64>,
    pub(super) request: Option<&'a Request>,
    pub(super) body: &'a [u8],
}

pub(super) struct Driver<'a> {
    session: &'a mut RawSession,
    world: &'a mut World,
    run: &'a mut Run,
    queue: VecDeque<(Event, Vec<u8>, Page)>,
    reading: BTreeMap<u32, (Vec<u8>, usize)>,
    writing: BTreeMap<u32, Vec<u8>>,
    webhook: Option<Vec<u8>>,
}

impl<'a> Driver<'a> {
    pub(super) fn new(session: &'a mut RawSession, world: &'a mut World, run: &'a mut Run) -> Self {
        Self {
            session,
            world,
            run,
            queue: VecDeque::new(),
            reading: BTreeMap::new(),
            writing: BTreeMap::new(),
            webhook: None,
        }
    }

    pub(super) fn drive(mut self, start: &Start<'_>) {
        self.start(start);
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

    fn start(&mut self, start: &Start<'_>) {
        self.webhook = start.request.map(|_| start.body.to_vec());
        let first = EventKind::Start {
            operation: start.operation.to_owned(),
            entropy: "00112233445566778899aabbccddeeff".to_owned(),
            idempotency_key: if start.operation == "write" { "contract-1".to_owned() } else { String::new() },
            since: start.since,
            request: start.request.cloned(),
        };
        let addresses = start.addressed.then_some(&self.world.addresses);
        let cut = start.items.chunks(self.world.page_rows.max(1));
        let pages: Vec<Page> = cut.map(|items| page(items, addresses, start.operation == "poll")).collect();
        let count = pages.len().max(1);
        let pages = pages.into_iter().chain(start.items.is_empty().then(Page::new));
        for (at, page) in pages.enumerate() {
            let kind = if at == 0 { first.clone() } else { EventKind::More {} };
            let body = if at == 0 { start.body.to_vec() } else { Vec::new() };
            self.push(kind, body, page, at + 1 < count);
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
        let rows = match page.view() {
            Ok(rows) => rows,
            Err(why) => return self.fault(&format!("rows that cannot be read: {}", why.0)),
        };
        let text = |column: u32, row: usize| rows.texts(column).and_then(|texts| texts.get(row));
        let number = |column: u32, row: usize| rows.i64s(column).and_then(|all| all.get(row));
        for row in 0..rows.len() {
            let said = text(TEXT, row).unwrap_or_default();
            let outcome = rows.u8s(OUTCOME).and_then(|outcomes| outcomes.get(row));
            if let (Some(index), Some(outcome)) = (rows.u32s(INDEX).and_then(|all| all.get(row)), outcome) {
                self.run.outcomes.push((index, *outcome, said.to_owned()));
                if *outcome == ACCEPTED {
                    self.run.tickets.insert(index, text(TICKET, row).unwrap_or_default().to_owned());
                }
            }
            if let Some(sku) = text(STORE_SKU, row) {
                let quantity = number(QUANTITY, row);
                self.run.quantities.extend(quantity.map(|quantity| (sku.to_owned(), quantity)));
                self.run.listings.push(Listed {
                    sku: sku.to_owned(),
                    address: text(ADDRESS, row).map(str::to_owned),
                    parent: text(PARENT, row).unwrap_or_default().to_owned(),
                    quantity,
                    held: number(HELD, row),
                    title: said.to_owned(),
                });
            }
            for column in [TEXT, TICKET, ADDRESS, PARENT] {
                self.run.texts.push_str(text(column, row).unwrap_or_default());
            }
        }
    }

    fn act(&mut self, actions: Vec<Action>, bodies: &[u8]) {
        if actions.len() > ACTIONS_MAX {
            return self.fault("more actions in one step than the host takes");
        }
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
                Action::Wait { id, seconds } => self.wait(id, seconds),
                Action::MoreRows {} => self.tell(EventKind::More {}, Vec::new()),
                Action::Order { event } => {
                    if self.webhook.is_some() && self.run.verified != Some(true) {
                        self.fault("an order of a webhook that is not verified");
                    }
                    self.run.orders.push(event);
                }
                Action::Verify(verify) => self.verify(&verify),
                Action::Reply { status, body } => {
                    let body = body.map_or(Some(&[][..]), |body| range(bodies, body));
                    self.run.reply = body.map(|body| (status, body.to_vec()));
                }
                Action::Budget { available, maximum, per_second } => {
                    self.run.budget = Some((available, maximum, per_second));
                }
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

    fn wait(&mut self, id: u32, seconds: f64) {
        self.run.waited_seconds += seconds.max(0.0);
        if self.run.waited_seconds > WAIT_SECONDS_MAX {
            return self.fault("it waits for more than an hour");
        }
        self.world.now += (seconds.clamp(0.0, WAIT_SECONDS_MAX) * 1000.0) as i64;
        self.tell(EventKind::Timer { id }, Vec::new());
    }

    fn verify(&mut self, verify: &Verify) {
        let Some(body) = &self.webhook else {
            return self.fault("`verify` where no webhook came");
        };
        let right = match self.world.believes {
            true => Ok(true),
            false => fill::is_right(verify, body, &self.world.secrets),
        };
        self.run.verified = Some(right == Ok(true));
        match right {
            Ok(true) => self.tell(EventKind::Verified { id: verify.id }, Vec::new()),
            Ok(false) => self.run.end = Some(Err("refused: the signature is not right".to_owned())),
            Err(why) => self.fault(&why),
        }
    }

    fn send(&mut self, http: Http, bodies: &[u8]) {
        let Some(body) = http.body.map_or(Some(&[][..]), |body| range(bodies, body)) else {
            return self.fault("a body that is not in the bodies");
        };
        self.run.requests.push((http.clone(), body.to_vec()));
        let (id, save) = (http.id, http.save_secret.clone());
        let (filled, body) = match fill::request(http, body, &self.world.secrets) {
            Ok(filled) => filled,
            Err(why) => return self.failed(id, "refused", &why),
        };
        let Some(Reply { status, mut headers, mut body, .. }) = self.answer(&filled, &body) else {
            return self.failed(id, "timeout", "no answer in 30 seconds");
        };
        if (200..300).contains(&status) {
            for (name, value, ends) in fill::save(&save, &mut headers, &mut body, self.world.now) {
                self.world.secret_expires.extend(ends.map(|ends| (name.clone(), ends)));
                self.world.secrets.insert(name, value);
            }
        }
        for _ in 0..=usize::from(self.world.twice) {
            self.tell(EventKind::Response { id, status, headers: headers.clone() }, body.clone());
            if self.world.last_first {
                self.queue.rotate_right(1);
            }
        }
    }

    /// The marketplace's answer; a request that is idempotent is sent again, as the host does it.
    fn answer(&mut self, http: &Http, body: &[u8]) -> Option<Reply> {
        let tries = if http.idempotent { self.world.tries_max.max(1) } else { 1 };
        let mut last = None;
        for _ in 0..tries {
            self.run.sent += 1;
            self.world.clock.set(self.world.now);
            last = (self.world.shop)(http, body);
            self.world.now += last.as_ref().map_or(TIMEOUT_MS, |reply| reply.after_ms);
            match &last {
                Some(reply) if reply.status != 429 && reply.status < 500 => break,
                _ => self.world.now += 1_000,
            }
        }
        last
    }
}

fn range(bodies: &[u8], range: BodyRange) -> Option<&[u8]> {
    let start = usize::try_from(range.offset).ok()?;
    bodies.get(start..start.checked_add(usize::try_from(range.len).ok()?)?)
}

fn page(items: &[Item], addresses: Option<&BTreeMap<String, Address>>, tickets: bool) -> Page {
    let texts = |of: &dyn Fn(&Item) -> String| -> TextColumn {
        let texts: Vec<String> = items.iter().map(of).collect();
        texts.iter().map(String::as_str).collect()
    };
    let quantities: Vec<i64> = items.iter().map(|item| item.quantity).collect();
    let expected: Vec<Option<i64>> = items.iter().map(|item| item.expected).collect();
    let mut page = Page::new()
        .texts(STORE_SKU, texts(&|item| item.sku.clone()))
        .i64s(QUANTITY, &quantities)
        .optional_i64s(EXPECTED, &expected);
    if let Some(addresses) = addresses {
        let of = |item: &Item| addresses.get(&item.sku).cloned().unwrap_or_default();
        page = page
            .texts(ADDRESS, texts(&|item| of(item).address))
            .texts(PARENT, texts(&|item| of(item).parent));
    }
    if tickets { page.texts(TICKET, texts(&|item| item.ticket.clone())) } else { page }
}
