//! Threads that sessions of connectors run on, kept from one session to the next.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;

/// So many wait for work; those beyond end with what they have done.
const IDLE_MAX: usize = 64;
const STACK_BYTES: usize = 8 << 20;

/// What a thread does, and what is dropped only when it waits for more: whoever is told by that finds it waiting.
pub(in crate::shell) type Work = Box<dyn FnOnce() -> Box<dyn Send> + Send>;

/// The threads that wait for work. One that never comes back from its work is lost, and not among them.
#[derive(Debug, Default)]
pub(in crate::shell) struct Hands(Mutex<Vec<Hand>>);

/// A thread; it ends when nobody has this any more.
#[derive(Clone, Debug)]
struct Hand(Sender<Task>);

struct Task {
    work: Work,
    hand: Hand,
}

impl Hands {
    /// Has some work done by a thread that waits, or by a new one.
    pub(in crate::shell) fn give(self: &Arc<Self>, work: Work) -> Result<(), String> {
        let waiting = self.idle().pop();
        let work = match waiting {
            None => work,
            Some(hand) => match hand.0.send(Task { work, hand: hand.clone() }) {
                Ok(()) => return Ok(()),
                Err(back) => back.0.work,
            },
        };
        let (sender, tasks) = channel();
        let first = Task { work, hand: Hand(sender) };
        let all = Arc::downgrade(self);
        let thread = thread::Builder::new().name("connector".to_owned()).stack_size(STACK_BYTES);
        let spawned = thread.spawn(move || serve(first, &tasks, &all));
        spawned.map(drop).map_err(|error| format!("has no thread to run on: {error}"))
    }

    /// Whether it is kept.
    fn keep(&self, hand: Hand) -> bool {
        let mut idle = self.idle();
        let room = idle.len() < IDLE_MAX;
        if room {
            idle.push(hand);
        }
        room
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Hand>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve(mut task: Task, tasks: &Receiver<Task>, all: &Weak<Hands>) {
    loop {
        let done = (task.work)();
        let kept = all.upgrade().is_some_and(|all| all.keep(task.hand));
        drop(done);
        match tasks.recv() {
            Ok(next) if kept => task = next,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;
    use std::thread::ThreadId;

    /// Lets a thread say who it is, as soon as `go` says so.
    fn give(hands: &Arc<Hands>, go: Receiver<()>) -> Receiver<ThreadId> {
        let (tell, told) = sync_channel(1);
        let work = move || -> Box<dyn Send> {
            let _ = go.recv();
            let _ = tell.send(thread::current().id());
            Box::new(tell)
        };
        hands.give(Box::new(work)).unwrap();
        told
    }

    fn at_once() -> Receiver<()> {
        channel().1
    }

    #[test]
    fn a_thread_is_kept_for_the_next_session() {
        let hands = Arc::new(Hands::default());
        let mut threads: Vec<ThreadId> = Vec::new();
        for _ in 0..20 {
            let told = give(&hands, at_once());
            threads.push(told.recv().unwrap());
            // What the session had is dropped when its thread waits again.
            assert!(told.recv().is_err());
        }
        threads.dedup();
        assert_eq!(threads.len(), 1);
    }

    #[test]
    fn one_that_does_not_come_back_holds_nobody() {
        let hands = Arc::new(Hands::default());
        let (go, hangs) = channel();
        let lost = give(&hands, hangs);
        for _ in 0..3 {
            let told = give(&hands, at_once());
            assert!(told.recv().is_ok() && told.recv().is_err());
        }
        assert_eq!(hands.idle().len(), 1);
        drop(go);
        assert!(lost.recv().is_ok() && lost.recv().is_err());
        assert_eq!(hands.idle().len(), 2);
    }

    #[test]
    fn no_more_are_kept_than_may_be_and_none_outlives_its_library() {
        let hands = Arc::new(Hands::default());
        let (go, told): (Vec<_>, Vec<_>) = (0..IDLE_MAX + 5)
            .map(|_| {
                let (go, waits) = channel();
                (go, give(&hands, waits))
            })
            .unzip();
        drop(go);
        for told in &told {
            assert!(told.recv().is_ok() && told.recv().is_err());
        }
        assert_eq!(hands.idle().len(), IDLE_MAX);
        let weak = Arc::downgrade(&hands);
        let last = give(&hands, at_once());
        drop(hands);
        assert!(last.recv().is_ok() && last.recv().is_err());
        assert!(weak.upgrade().is_none());
    }
}
