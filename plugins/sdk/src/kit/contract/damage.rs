//! Files and responses with damage in them.

use super::change::{Dice, change_bytes, change_json};
use super::{Broken, Case, note_secrets};
use crate::message::Manifest;
use std::collections::BTreeSet;

/// How many damaged files and responses a connector is shown.
const DAMAGES: u64 = 400;

/// Any file or response whatever gives an end and outcomes.
pub(super) fn damaged(case: &Case, manifest: &Manifest, broken: &mut Broken) {
    for seed in 0..DAMAGES {
        if !broken.0.is_empty() {
            return;
        }
        let mut world = case.world();
        // What damage brings in a secret's place is none: those count that were there before.
        let secrets = world.secrets.clone();
        world.believes = true;
        let mut dice = Dice::new(seed);
        world.files.values_mut().for_each(|file| change_bytes(file, &mut dice));
        let mut shop = std::mem::replace(&mut world.shop, Box::new(|_, _| None));
        world.shop = Box::new(move |http, body| {
            let mut reply = shop(http, body)?;
            let damage: fn(&mut Vec<u8>, &mut Dice) =
                if dice.below(2) == 0 { change_bytes } else { change_json };
            damage(&mut reply.body, &mut dice);
            Some(reply)
        });
        let before = world.files.clone();
        let items = case.with_missing();
        let written = case.write(&mut world, manifest, &items);
        let promise = format!("damage {seed}");
        let whole = written.failed || written.outcomes.len() == items.len();
        broken.unless(whole, &promise, "an item without an outcome");
        for mut run in written.runs {
            note_secrets(&mut run, secrets.values());
            broken.any(&run, &promise);
            let indexes: BTreeSet<u32> = run.outcomes.iter().map(|(index, ..)| *index).collect();
            broken.unless(indexes.len() == run.outcomes.len(), &promise, "an item with two outcomes");
            let untouched = world.files == before || !run.nothing_written;
            broken.unless(untouched, &promise, "something was written all the same");
        }
        let mut read = case.run(&mut world, "read", &[]);
        note_secrets(&mut read, secrets.values());
        broken.any(&read, &format!("damage {seed}"));
    }
}
