//! The paper's examples 4, 5, 6 and 8, its kernel examples in our own words, and the toy of its manual.

use super::super::form::Form;
use super::super::formal::read;
use super::super::print::text;
use super::super::safety::Pair;
use super::super::tree::Tree;
use super::super::typing::Types;
use super::*;

/// A changeset of the paper's language.
fn formal(pairs: &[(&str, &str)]) -> Changeset {
    let mut set = Changeset::default();
    for (before, after) in pairs {
        let pair = Pair::new(read(&mut set.terms, before), read(&mut set.terms, after));
        set.pairs.push(pair);
    }
    set
}

/// A changeset of functions of C.
fn functions(pairs: &[(&str, &str)]) -> Changeset {
    let mut set = Changeset::default();
    for (before, after) in pairs {
        let mut read = |text: &str| Tree::read_as(&mut set.terms, text.as_bytes(), Form::Item).expect("an item");
        let (before, after) = (read(before), read(after));
        let types = Types::of(&set.terms, &before);
        set.pairs.push(Pair { terms: before.root().zip(after.root()), types });
    }
    set
}

/// Sequences as text.
fn told(set: &Changeset, all: &[Common]) -> Vec<String> {
    let one = |patch: &Patch| {
        let half = |id| text(&set.terms, id, &patch.metas);
        format!("{} ~> {}", half(patch.before), half(patch.after))
    };
    all.iter().map(|common| common.patches.iter().map(one).collect::<Vec<_>>().join(" ; ")).collect()
}

const FOO: (&str, &str) = (
    "int foo(void)\n{\n\tint x;\n\tf(117);\n\tx = g(117);\n\treturn x;\n}\n",
    "int foo(void)\n{\n\tint x;\n\tf(117, GFP);\n\tx = h(g(117));\n\treturn x + x;\n}\n",
);
const BAR: (&str, &str) = (
    "int bar(int y)\n{\n\tint a;\n\ta = f(11) + g(y);\n\treturn a;\n}\n",
    "int bar(int y)\n{\n\tint a;\n\ta = f(11, GFP) + g(y);\n\treturn a + a;\n}\n",
);

/// SP-07, the paper's example 4.
#[test]
fn the_largest_common_patch_is_both_replacements_in_either_order() {
    let mut set = functions(&[FOO, BAR]);
    let all = common_patches(&mut set, 2, Growth::Every);
    let (one, other) = ("f(X0) ~> f(X0, GFP)", "return X0; ~> return X0 + X0;");
    let mut found = told(&set, &all);
    found.sort();
    assert_eq!(found, [format!("{one} ; {other}"), format!("{other} ; {one}")]);
    assert!(set.is_equal(&all[0].patches, &all[1].patches, &[0, 1]));
}

/// SP-11.
#[test]
fn pruning_leaves_no_two_equivalent_results() {
    let mut set = functions(&[FOO, BAR]);
    let all = common_patches(&mut set, 2, Growth::Pruned);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].patches.len(), 2);
}

/// SP-07: more pairs only shrink what is common.
#[test]
fn a_pair_without_the_change_leaves_nothing_in_common() {
    let mut set = functions(&[FOO, BAR, ("int b(void)\n{\n\treturn 1;\n}\n", "int b(void)\n{\n\treturn 2;\n}\n")]);
    assert_eq!(told(&set.clone(), &common_patches(&mut set, 3, Growth::Pruned)), [""; 0]);
}

/// SP-10, the paper's example 5.
#[test]
fn of_equivalent_replacements_the_least_abstract_is_kept() {
    let mut set = formal(&[("g(f(42))", "g(f(42, 42))"), ("g(f(117))", "g(f(117, 117))")]);
    let found = candidates(&mut set, 2);
    let all: Vec<Common> =
        found.safe.iter().map(|c| Common { patches: vec![c.patch.clone()], support: Vec::new() }).collect();
    assert_eq!(told(&set, &all), ["g(f(X0)) ~> g(f(X0, X0))"]);
}

/// SP-12, the paper's example 6: spdiff may miss it, and we find it.
#[test]
fn a_replacement_that_is_safe_only_after_another_is_found() {
    let mut set = formal(&[("h(f(1), 1)", "h(f(2), 3)"), ("t(f(1), 42, 1, 117)", "t(f(2), 42, 3, 117)")]);
    let [first, second] = [("f(1)", "f(2)"), ("1", "3")]
        .map(|(before, after)| Patch::closed(read(&mut set.terms, before), read(&mut set.terms, after)));
    assert_eq!(set.support(std::slice::from_ref(&first)), [0, 1]);
    assert_eq!(set.support(std::slice::from_ref(&second)), [0; 0]);
    assert_eq!(set.support(&[first, second]), [0, 1]);
    let all = common_patches(&mut set, 2, Growth::Pruned);
    assert_eq!(told(&set, &all), ["f(1) ~> f(2) ; 1 ~> 3"]);
}

/// SP-13, the paper's example 8.
#[test]
fn a_threshold_says_for_how_many_pairs_a_change_must_be_safe() {
    let pairs = [("f(1)", "f(1, 1)"), ("g(2) + f(1)", "g(2+2) + f(1)"), ("q(f(1), g(2))", "q(f(1, 1), g(2+2))")];
    let mut set = formal(&pairs);
    assert_eq!(common_patches(&mut set, 3, Growth::Pruned), []);
    let all = common_patches(&mut set, 2, Growth::Pruned);
    let mut found: Vec<(String, Support)> =
        told(&set, &all).into_iter().zip(all.into_iter().map(|c| c.support)).collect();
    found.sort();
    assert_eq!(found, [("f(1) ~> f(1, 1)".into(), vec![0, 2]), ("g(2) ~> g(+(2, 2))".into(), vec![1, 2])]);
}

/// SP-16.
#[test]
fn pairs_that_support_a_change_and_pairs_that_were_overlooked_are_told() {
    let pairs = [("f(1)", "f(1, 1)"), ("g(f(1))", "g(f(1))"), ("h(f(1))", "h(f(1, 1))"), ("q(2)", "q(3)")];
    let mut set = formal(&pairs);
    let all = common_patches(&mut set, 2, Growth::Pruned);
    assert_eq!(told(&set, &all), ["f(1) ~> f(1, 1)"]);
    assert_eq!((all[0].support.clone(), left_alone(&mut set, &all[0])), (vec![0, 2], vec![1]));
}

/// SP-14: a pair of functions of some thousand nodes.
#[test]
fn long_functions_are_compared_within_the_cap() {
    let line = |at: usize, new: &str| format!("\tx{at} = {new}(a->b[{at}], &c.d, \"text\", {at} + y);\n");
    let body = |new: &str| (0..120).map(|at| line(at, if at % 10 == 0 { new } else { "same" })).collect::<String>();
    let whole = |new: &str| format!("int f(void)\n{{\n{}}}\n", body(new));
    let (before, after) = (whole("old"), whole("new"));
    let mut set = functions(&[(&before, &after), (&before, &after)]);
    let all = common_patches(&mut set, 2, Growth::Pruned);
    assert!(!set.distances.is_spent());
    assert_eq!(told(&set, &all)[0], "old ~> new");
}
