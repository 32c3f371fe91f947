//! Both kinds of tables in every test.

use super::*;

fn texts_of_one_hash_are_told_apart_in<S: Slot>() {
    let mut names = Names::<S>::default();
    names.intern("a");
    // As if "b" had the hash of "a", and came before it.
    let (_, hash) = Short::with_hash("b");
    names.table.add(S::new(hash, 0, &Short::of("a")));
    assert_eq!(names.find("b"), None);
    assert_eq!(names.intern("b"), Some((1, true)));
    let mut found = Vec::new();
    names.find_all(&["a", "b", "c"], &mut found);
    assert_eq!(found, [Some(0), Some(1), None]);
}

fn a_text_keeps_its_number_in<S: Slot>() {
    let mut names = Names::<S>::default();
    let all: Vec<String> = (0..5_000).map(|n| format!("SKU-{n}-ก")).collect();
    for (n, name) in all.iter().enumerate() {
        assert_eq!(names.intern(name), Some((n as u32, true)));
    }
    for (n, name) in all.iter().enumerate() {
        assert_eq!(names.intern(name), Some((n as u32, false)));
        assert_eq!(names.intern_near(name, n as u32 / 2), Some((n as u32, false)));
        assert_eq!(names.intern_near(name, (n as u32).saturating_sub(1)), Some((n as u32, false)));
        assert_eq!(names.find(name), Some(n as u32));
        assert_eq!(names.get(n as u32), name);
    }
    let mut found = Vec::new();
    let asked: Vec<&str> = all.iter().map(String::as_str).chain(["SKU-", ""]).collect();
    names.find_all(&asked, &mut found);
    assert_eq!(found, asked.iter().map(|name| names.find(name)).collect::<Vec<_>>());
    assert_eq!((names.len(), names.find("SKU-"), names.get(9_999)), (5_000, None, ""));
}

fn texts_of_every_length_are_told_apart_in<S: Slot>() {
    let lengths = 0..72;
    let mut all: Vec<String> =
        lengths.flat_map(|length| ["a", "b", "\0", "ก"].map(|text| text.repeat(length))).collect();
    all.sort_unstable();
    all.dedup();
    let mut names = Names::<S>::default();
    for (n, text) in all.iter().enumerate() {
        assert_eq!(names.intern(text), Some((n as u32, true)), "{text:?}");
    }
    let (mut one, mut other) = (Texts::default(), Texts::default());
    for (n, text) in all.iter().enumerate() {
        let part = if n < all.len() / 2 { &mut one } else { &mut other };
        assert!(part.push(text).is_some());
    }
    let parts = Names::<S>::distinct([one, other], Threads::ONE).unwrap();
    let mut found = Vec::new();
    for names in [&names, &parts] {
        for (n, text) in all.iter().enumerate() {
            assert_eq!((names.get(n as u32), names.find(text)), (text.as_str(), Some(n as u32)));
        }
        names.find_all(&all, &mut found);
        assert!(found.iter().copied().eq((0..all.len() as u32).map(Some)));
    }
    for again in &all {
        let mut part = Texts::default();
        assert!([again.as_str(), "between", again].into_iter().all(|text| part.push(text).is_some()));
        assert!(Names::<S>::distinct([part], Threads::ONE).is_none(), "{again:?}");
    }
}

fn parts_are_numbered_in_their_order_in<S: Slot>() {
    let part = |names: &[&str]| {
        let mut part = Texts::default();
        names.iter().for_each(|name| _ = part.push(name));
        part
    };
    let all: Vec<String> = (0..40_000).map(|n| format!("{n}")).collect();
    let texts: Vec<&str> = all.iter().map(String::as_str).collect();
    let (one, other) = texts.split_at(700);
    let names = Names::<S>::distinct([part(one), part(&[]), part(other), part(&[""])], Threads::ONE).unwrap();
    for (n, name) in texts.iter().chain([&""]).enumerate() {
        assert_eq!((names.find(name), names.get(n as u32)), (Some(n as u32), *name));
    }
    assert_eq!((names.len(), names.find("40000")), (40_001, None));
    assert!(Names::<S>::distinct([part(one), part(other), part(&["699"])], Threads::ONE).is_none());
    assert_eq!(
        Names::<S>::distinct([], Threads::ONE).map(|names| (names.len(), names.find(""))),
        Some((0, None))
    );
}

#[test]
fn texts_of_one_hash_are_told_apart() {
    texts_of_one_hash_are_told_apart_in::<u64>();
    texts_of_one_hash_are_told_apart_in::<Beside>();
}

#[test]
fn a_text_keeps_its_number() {
    a_text_keeps_its_number_in::<u64>();
    a_text_keeps_its_number_in::<Beside>();
}

#[test]
fn texts_of_every_length_are_told_apart() {
    texts_of_every_length_are_told_apart_in::<u64>();
    texts_of_every_length_are_told_apart_in::<Beside>();
}

#[test]
fn parts_are_numbered_in_their_order() {
    parts_are_numbered_in_their_order_in::<u64>();
    parts_are_numbered_in_their_order_in::<Beside>();
}
