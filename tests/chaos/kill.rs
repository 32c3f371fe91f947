//! SIGKILL, at any moment, while orders come in.

use crate::load::{Door, Teller, sold};
use crate::served::Served;
use crate::shops::{STORES, Shops};
use crate::small_or_full;
use serde_json::Value;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

/// So many tell orders at once.
const TELLERS: u64 = 3;

/// So many events are told again at once.
const AGAIN: usize = 200;

#[test]
fn a_daemon_that_is_killed_loses_nothing_and_counts_nothing_twice() {
    let kills = small_or_full(6, 200);
    let (shops, door, began) = (Shops::new(), Door::default(), Instant::now());
    let mut dice = Teller::new("dice", 7);
    let tellers: Vec<Teller> = thread::scope(|scope| {
        let tell = |name: u64| Teller::new(&format!("t{name}-"), name).tell(&door);
        let tellers: Vec<_> = (0..TELLERS).map(|name| scope.spawn(move || tell(name))).collect();
        for kill in 0..kills {
            if kill % 4 == 3 {
                kill_at_start(&shops, &door, Duration::from_millis(dice.below(300)));
                continue;
            }
            let served = Served::start(&shops.folder);
            door.open(served.address());
            door.wait(1 + dice.below(40));
            door.pass(Duration::from_micros(dice.below(20_000)));
            served.kill();
            door.shut();
        }
        let served = Served::start(&shops.folder);
        door.open(served.address());
        door.close();
        let tellers: Vec<Teller> = tellers.into_iter().map(|teller| teller.join().unwrap()).collect();
        shops.until(&served, &STORES, &sold(&tellers));
        nothing_is_lost(&door, &tellers);
        shops.until(&served, &STORES, &sold(&tellers));
        assert_eq!(served.stop(), Some(0));
        tellers
    });
    shops.check_state();
    let events: usize = tellers.iter().map(|teller| teller.told.len()).sum();
    eprintln!("{kills} kills, {events} events, {:.0} s", began.elapsed().as_secs_f64());
}

/// One that dies before it listens, or soon after.
fn kill_at_start(shops: &Shops, door: &Door, after: Duration) {
    let mut command = shops.folder.command(&["serve", "--listen", "127.0.0.1:0", "-q"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    door.pass(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Whatever was acknowledged is known.
fn nothing_is_lost(door: &Door, tellers: &[Teller]) {
    for teller in tellers {
        for events in teller.told.chunks(AGAIN) {
            assert_eq!(door.tell(&Value::Array(events.to_vec())), events.len() as u64);
        }
    }
}
