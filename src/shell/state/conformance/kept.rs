//! What is remembered of stores and stock.

use super::*;

pub(super) fn observed(state: &mut dyn State) {
    begin(state, "p", &[write("b", Some(5), 4)]);
    send_all(state, Outcome::Sent);
    state.observe("s", &mut [("b", 7), ("a", -2)].into_iter(), at(40)).expect("observed");
    assert_eq!(known(state), [("a".to_owned(), -2, None, None), ("b".to_owned(), 7, Some(4), Some(1))]);
}

pub(super) fn stock(state: &mut dyn State) {
    let seen = |state: &mut dyn State| {
        let mut hashes = Vec::new();
        state.stock_seen(&mut |hash| hashes.push(hash)).expect("read");
        hashes
    };
    assert_eq!(seen(state), [0_u64; 0]);
    state.remember_stock(&mut [u64::MAX, 0, 7, 7].into_iter()).expect("remembered");
    assert_eq!(seen(state), [0, 7, u64::MAX]);
    state.remember_stock(&mut (0..20_000).rev()).expect("remembered");
    assert_eq!(seen(state), (0..20_000).collect::<Vec<_>>());
    state.remember_goods(&mut [9, 8].into_iter()).expect("remembered");
    let mut goods = Vec::new();
    state.goods_seen(&mut |hash| goods.push(hash)).expect("read");
    assert_eq!((goods, seen(state).len()), (vec![8, 9], 20_000));
}

pub(super) fn addresses(state: &mut dyn State) {
    let told = |state: &mut dyn State, store: &str| {
        let mut told = Vec::new();
        state
            .addresses(store, &mut |a| told.push(format!("{} {} {}", a.store_sku, a.address, a.parent)))
            .expect("read");
        told
    };
    let of = |store_sku, address, parent| Address { store_sku, address, parent };
    let mut keep = |store: &str, keep: &[Address<'_>], forget: &[&str]| {
        let (mut keep, mut forget) = (keep.iter().copied(), forget.iter().copied());
        state.keep_addresses(store, &mut keep, &mut forget, at(1)).expect("kept");
    };
    keep("s", &[of("b", "2", "p"), of("a", "{\"id\":1}", "")], &["never there"]);
    keep("t", &[of("a", "9", "")], &[]);
    keep("s", &[of("b", "3", "q")], &["a", "b"]);
    assert_eq!(told(state, "s"), ["b 3 q"]);
    assert_eq!((told(state, "t"), told(state, "u").len()), (vec!["a 9 ".to_owned()], 0));
}
