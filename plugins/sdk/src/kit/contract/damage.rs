//! Files and responses with damage in them.

use super::{Broken, Case};
use crate::message::Manifest;
use serde_json::{Value, json};
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
        world.files.values_mut().for_each(|file| damage(file, seed));
        let mut shop = std::mem::replace(&mut world.shop, Box::new(|_, _| None));
        let mut count = seed;
        world.shop = Box::new(move |http, body| {
            let mut reply = shop(http, body)?;
            count = count.wrapping_add(1);
            damage(&mut reply.body, count);
            Some(reply)
        });
        let before = world.files.clone();
        let items = case.with_missing();
        let written = case.write(&mut world, manifest, &items);
        let promise = format!("damage {seed}");
        for run in &written.runs {
            broken.any(run, &promise);
            let indexes: BTreeSet<u32> = run.outcomes.iter().map(|(index, ..)| *index).collect();
            broken.unless(indexes.len() == run.outcomes.len(), &promise, "an item with two outcomes");
            let untouched = world.files == before || !run.nothing_written;
            broken.unless(untouched, &promise, "something was written all the same");
        }
        let whole = written.failed || written.outcomes.len() == items.len();
        broken.unless(whole, &promise, "an item without an outcome");
        let read = case.run(&mut world, "read", &[]);
        broken.any(&read, &format!("damage {seed}"));
    }
}

/// Cuts, garbles, repeats or adds bytes; always the same for a seed.
fn damage(bytes: &mut Vec<u8>, seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap_or(0) % below.max(1)
    };
    const NASTY: &[&[u8]] = &[
        b"\"",
        b",",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"-",
        b"9999999999999999999",
        b"\xEF\xBB\xBF",
        b"{",
        b"]",
    ];
    let at = random(bytes.len() + 1);
    match seed % 8 {
        0 => bytes.truncate(at),
        1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random(8)),
        2 => *bytes = (0..random(2000)).map(|_| random(256) as u8).collect(),
        3 => {
            let end = (at + random(40)).min(bytes.len());
            let piece = bytes.get(at..end).unwrap_or_default().to_vec();
            bytes.splice(at..at, piece);
        }
        4..=6 if let Ok(mut json) = serde_json::from_slice(bytes) => {
            let mut left = random(count(&json));
            if let Some(place) = nth(&mut json, &mut left) {
                let others = [
                    json!(null),
                    json!(-1),
                    json!(1.5),
                    json!(u64::MAX),
                    json!("x"),
                    json!([]),
                    json!({}),
                    json!(true),
                ];
                *place = others.get(random(others.len())).cloned().unwrap_or_default();
            }
            *bytes = json.to_string().into_bytes();
        }
        _ => {
            let nasty = NASTY.get(random(NASTY.len())).copied().unwrap_or_default();
            bytes.splice(at..at, nasty.iter().copied());
        }
    }
}

/// How many values a JSON value is made of.
fn count(json: &Value) -> usize {
    match json {
        Value::Array(all) => 1 + all.iter().map(count).sum::<usize>(),
        Value::Object(all) => 1 + all.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

fn nth<'a>(json: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(json);
    }
    *left -= 1;
    match json {
        Value::Array(all) => all.iter_mut().find_map(|value| nth(value, left)),
        Value::Object(all) => all.values_mut().find_map(|value| nth(value, left)),
        _ => None,
    }
}
