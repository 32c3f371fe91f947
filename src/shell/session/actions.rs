//! What a connector wants done, done.

use super::{Course, Ended};
use crate::shell::fault::clean;
use crate::shell::files::FileFault;
use stocksync_sdk::message::{Action, Actions, BodyRange, EventKind, Http};

impl Course {
    /// Carries actions out, in order; the end of the operation, if it is among them.
    pub(super) fn carry_out(&mut self, actions: Actions, bodies: &[u8]) -> Result<Option<Ended>, String> {
        let actions = actions.actions;
        if actions.len() > self.limits.actions_max {
            return Err(format!(
                "gave {} actions in one step, at most {} are taken",
                actions.len(),
                self.limits.actions_max
            ));
        }
        let mut ended = None;
        for action in actions {
            if ended.is_some() {
                return Err("wanted more done after it was done".to_owned());
            }
            match action {
                Action::Http(http) => self.http(*http, bodies)?,
                Action::ReadFile { id, path } => {
                    let chunk = self.files.read(id, &path);
                    self.chunk(id, chunk);
                }
                Action::NextChunk { id } => {
                    let chunk = self.files.next_chunk(id);
                    self.chunk(id, chunk);
                }
                Action::WriteFile { id, path, append, commit } => {
                    self.write_file(id, &path, piece(bodies, append)?, commit);
                }
                Action::Wait { id, seconds } => self.wait(id, seconds)?,
                Action::Order { event } => self.mail.order(event)?,
                Action::Verify(verify) => {
                    if !self.mail.verify(&verify)? {
                        return Ok(Some(Ended { refused: true, ..Ended::default() }));
                    }
                    self.inbox.push_back((EventKind::Verified { id: verify.id }, Vec::new()));
                }
                Action::Reply { status, body } => {
                    let body = body.map_or(Ok(&[][..]), |range| piece(bodies, range))?;
                    self.mail.reply(status, body)?;
                }
                Action::Budget { available, maximum, per_second } => {
                    self.transport.budget(available, maximum, per_second);
                }
                Action::MoreRows {} => self.inbox.push_front((EventKind::More {}, Vec::new())),
                Action::Done { error: None, .. } if self.files.is_writing() => {
                    return Err("was done with a file that it had not committed".to_owned());
                }
                Action::Done { error, nothing_written } => {
                    let error = error.map(|error| clean(&error));
                    ended = Some(Ended { error, nothing_written, ..Ended::default() });
                }
            }
        }
        Ok(ended)
    }

    fn http(&mut self, http: Http, bodies: &[u8]) -> Result<(), String> {
        let body = http.body.map_or(Ok(Vec::new()), |range| piece(bodies, range).map(<[u8]>::to_vec))?;
        self.transport.send(http, body)
    }

    fn wait(&mut self, id: u32, seconds: f64) -> Result<(), String> {
        self.waited_seconds += seconds.max(0.0);
        if self.waited_seconds > self.limits.wait_seconds_max {
            return Err(format!("wanted to wait for more than {} seconds", self.limits.wait_seconds_max));
        }
        self.transport.wait(id, seconds)
    }

    fn chunk(&mut self, id: u32, chunk: Result<(Vec<u8>, bool), FileFault>) {
        self.inbox.push_back(match chunk {
            Ok((bytes, last)) => (EventKind::Chunk { id, last }, bytes),
            Err(fault) => (failed(id, fault), Vec::new()),
        });
    }

    fn write_file(&mut self, id: u32, path: &str, bytes: &[u8], commit: bool) {
        let mut done = self.files.append(id, path, bytes);
        if commit && done.is_ok() {
            let over = || FileFault { kind: "refused", message: "the session is over".to_owned() };
            done = if self.door().leave() { self.files.commit(id) } else { Err(over()) };
        }
        match done {
            Ok(()) if commit => self.inbox.push_back((EventKind::Written { id }, Vec::new())),
            Ok(()) => {}
            Err(fault) => self.inbox.push_back((failed(id, fault), Vec::new())),
        }
    }
}

fn failed(id: u32, fault: FileFault) -> EventKind {
    EventKind::Failed { id, kind: fault.kind.to_owned(), message: fault.message }
}

fn piece(bodies: &[u8], range: BodyRange) -> Result<&[u8], String> {
    let start = usize::try_from(range.offset).ok();
    let end = range.offset.checked_add(range.len).and_then(|end| usize::try_from(end).ok());
    let piece = start.zip(end).and_then(|(start, end)| bodies.get(start..end));
    piece.ok_or_else(|| format!("named bytes {} + {} of a body of {}", range.offset, range.len, bodies.len()))
}
