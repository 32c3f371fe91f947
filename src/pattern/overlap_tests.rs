use super::super::SkuTerm;
use super::super::sample::{all_skus, set, sets, terms};
use super::*;
use proptest::prelude::*;
use std::sync::Arc;

#[test]
fn witnesses_are_short_and_readable() {
    for (a, b, sku) in [
        ("NIKE-*", "*-42", Some("NIKE--42")),
        ("NIKE-*", "NIKE-AIR", Some("NIKE-AIR")),
        ("CLR-??-*", "CLR-*", Some("CLR-XX-")),
        ("*", "*", Some("X")),
        ("?b*", "a?", Some("ab")),
        ("*ab*", "????", Some("abXX")),
        ("NIKE-*", "ADI-*", None),
        ("*A", "*B", None),
        ("a*a", "?", None),
    ] {
        let expect = sku.map_or(Overlap::Disjoint, |sku| Overlap::Witness(sku.to_owned()));
        assert_eq!(overlap(&set(&[a], &[]), &set(&[b], &[])), expect, "{a} {b}");
    }
}

#[test]
fn exceptions_decide() {
    for (a, except_a, b, except_b, sku) in [
        (&["NIKE-*"][..], &["*-SAMPLE"][..], &["*-SAMPLE"][..], &[][..], None),
        (&["NIKE-*"], &["*-SAMPLE"], &["*-SAMPLES"], &[], Some("NIKE--SAMPLES")),
        (&["a*"], &["a", "a?"], &["a??"], &[], Some("aXX")),
        (&["a*"], &["a", "a?", "a??"], &["???"], &[], None),
        (&["a*"], &["a", "a?", "a???*"], &["*"], &["aX*", "a0*", "aQ*", "a鞋*"], Some("aAA")),
        (&["??"], &["?X", "?0", "?Q", "?鞋"], &["*"], &[], Some("AA")),
        (&["*"], &["?"], &["?", "??"], &["X*", "0*", "Q*", "鞋*"], Some("AA")),
        (&["x", "y*"], &["y?*"], &["?"], &["y"], Some("x")),
        (&["y*"], &["y?*"], &["?*"], &["y"], None),
        (&["鞋*"], &["鞋?"], &["*鞋"], &["鞋*鞋"], Some("鞋")),
        (&["鞋*"], &["鞋?*"], &["*鞋"], &["鞋"], None),
        (&["*"], &["?*"], &["*"], &[], None),
        (&["*a*b*"], &["*ab*", "*a?b*", "*a????*"], &["*"], &[], Some("aXXb")),
        (&["*a*b*"], &["*ab*", "*a?b*", "*a???*"], &["*"], &[], None),
    ] {
        let expect = sku.map_or(Overlap::Disjoint, |sku| Overlap::Witness(sku.to_owned()));
        let (a, b) = (set(a, except_a), set(b, except_b));
        assert_eq!(overlap(&a, &b), expect, "{a:?} {b:?}");
        assert_eq!(overlap(&b, &a), expect, "{b:?} {a:?}");
    }
}

#[test]
fn an_exceptions_exception_is_back_in() {
    let all_but = |of: &[&str], except: &[&str]| {
        let inner = SkuTerm::Set(Arc::new(set(of, except)));
        SkuSet { terms: vec![SkuTerm::All], except: vec![inner] }
    };
    for (a, b, sku) in [
        (all_but(&["*"], &["x"]), set(&["*"], &[]), Some("x")),
        (all_but(&["*"], &["x*x"]), set(&["*"], &["xx", "x?x"]), Some("xXXx")),
        (all_but(&["*"], &["x*x"]), set(&["*y"], &[]), None),
        (all_but(&["x"], &[]), set(&["x"], &[]), None),
        (all_but(&["x*"], &[]), set(&["x*"], &["xx"]), None),
        (all_but(&["x*"], &["xx"]), set(&["x*"], &["x"]), Some("xx")),
    ] {
        let expect = sku.map_or(Overlap::Disjoint, |sku| Overlap::Witness(sku.to_owned()));
        assert_eq!(overlap(&a, &b), expect, "{a:?} {b:?}");
    }
}

#[test]
fn literals_can_use_up_what_is_finite() {
    let neither = Arc::new(set(&["*"], &["a*", "b*"]));
    let mut two = set(&["?"], &[]);
    two.except.push(SkuTerm::Set(neither));
    for (except, sku) in [(&["a", "c"][..], Some("b")), (&["b", "bb"], Some("a")), (&["b", "a"], None)] {
        let expect = sku.map_or(Overlap::Disjoint, |sku| Overlap::Witness(sku.to_owned()));
        assert_eq!(overlap(&two, &set(&["*"], except)), expect, "{except:?}");
    }
}

#[test]
fn a_list_may_be_covered_by_several() {
    let sku = |sku: &str| Overlap::Witness(sku.to_owned());
    for (a, by, expect) in [
        (set(&["NIKE-*"], &[]), &[set(&["*-42"], &[]), set(&["N*"], &[])][..], Overlap::Disjoint),
        (set(&["NIKE-*"], &[]), &[set(&["N*"], &["*-42"]), set(&["*2"], &[])], Overlap::Disjoint),
        (set(&["a*"], &[]), &[set(&["a", "a?"], &[]), set(&["a??*"], &[])], Overlap::Disjoint),
        (set(&["a*"], &[]), &[set(&["a"], &[]), set(&["a??*"], &[])], sku("aX")),
        (set(&["x", "y"], &[]), &[set(&["x"], &[])], sku("y")),
        (set(&["x*"], &["x?*"]), &[set(&["x"], &[])], Overlap::Disjoint),
        (set(&["x"], &[]), &[], sku("x")),
        (set(&["x"], &["x"]), &[], Overlap::Disjoint),
        (set(&["*"], &[]), &[set(&["*"], &["x"])], sku("x")),
    ] {
        let outside: Vec<_> = by.iter().collect();
        let found = find(&Sought { within: &a, and: None, outside: &outside }, &mut Effort::new(1_000_000));
        assert_eq!(found, expect, "{a:?} {by:?}");
    }
}

#[test]
fn large_lists_end_soon() {
    let skus = |from: usize| -> SkuSet {
        let terms =
            (from..from + 100_000).map(|n| SkuTerm::Pattern(Pattern::from_literal(&format!("SKU-{n}"))));
        SkuSet { terms: terms.collect(), except: Vec::new() }
    };
    let (low, high) = (skus(0), skus(100_000));
    assert_eq!(overlap(&low, &high), Overlap::Disjoint);
    let but_low = SkuSet { terms: terms(&["SKU-*"]), except: low.terms.clone() };
    assert_eq!(overlap(&low, &but_low), Overlap::Disjoint);
    assert!(matches!(overlap(&but_low, &set(&["SKU-?"], &["SKU-X", "SKU-Q"])), Overlap::Witness(_)));
}

#[test]
fn a_walk_that_grows_too_large_is_given_up() {
    let question_marks = "?".repeat(40);
    let tangled = set(&[&format!("*a{question_marks}b*")], &[&format!("*b{question_marks}a*"), "*X*", "*0*"]);
    let other = set(&["*"], &[&format!("*a{question_marks}b"), &format!("*a{question_marks}b?*")]);
    assert_eq!(overlap(&tangled, &other), Overlap::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn exact(a in sets(), b in sets()) {
        match overlap(&a, &b) {
            Overlap::Disjoint => {
                let both = all_skus(6).into_iter().find(|sku| a.matches(sku) && b.matches(sku));
                prop_assert_eq!(both, None);
            }
            Overlap::Witness(sku) => prop_assert!(a.matches(&sku) && b.matches(&sku) && !sku.is_empty()),
            Overlap::Unknown => prop_assert!(false, "given up"),
        }
    }

    #[test]
    fn exact_without_short_cuts(a in sets(), b in sets()) {
        let (of_a, of_b) = (Reach::of(&a), Reach::of(&b));
        let pairs: Vec<_> = of_a.globs.iter().flat_map(|p| of_b.globs.iter().map(move |q| (*p, *q))).collect();
        let found = {
            let sought = Sought { within: &a, and: Some(&b), outside: &[] };
            search(&pairs, &mut All::new(&sought), &mut Effort::new(STEPS_MAX))
        };
        prop_assert_ne!(&found, &Overlap::Unknown);
        prop_assert_eq!(found == Overlap::Disjoint, overlap(&a, &b) == Overlap::Disjoint);
    }

    #[test]
    fn exact_with_two_lists_and_outside_of_others(a in sets(), b in sets(), c in sets(), d in sets()) {
        let wanted = |sku: &str| a.matches(sku) && b.matches(sku) && !c.matches(sku) && !d.matches(sku);
        let sought = Sought { within: &a, and: Some(&b), outside: &[&c, &d] };
        match find(&sought, &mut Effort::new(STEPS_MAX)) {
            Overlap::Disjoint => prop_assert_eq!(all_skus(6).into_iter().find(|sku| wanted(sku)), None),
            Overlap::Witness(sku) => prop_assert!(wanted(&sku) && !sku.is_empty()),
            Overlap::Unknown => prop_assert!(false, "given up"),
        }
    }

    #[test]
    fn what_meets_at_once_is_found_and_takes_as_much(p in "[ab?*]{1,5}", q in "[ab?*]{1,5}", steps in 0_u64..300) {
        let (of_p, of_q) = (set(&[&p], &[]), set(&[&q], &[]));
        let [p, q] = [p, q].map(|raw| Pattern::parse(&raw).unwrap());
        let (mut effort, mut plain_effort) = (Effort::new(steps), Effort::new(steps));
        if meet_at_once(&p, &q, &mut effort) {
            let sought = Sought { within: &of_p, and: Some(&of_q), outside: &[] };
            prop_assert_ne!(find(&sought, &mut plain_effort), Overlap::Disjoint);
            prop_assert_eq!(effort.left, plain_effort.left);
        }
    }
}
