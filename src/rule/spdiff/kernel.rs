//! The paper's kernel examples in our own words: `fixtures/rule/<case>`, learned from `before` and `after`, applied to `use`.

use super::super::edit::edited;
use super::super::rewrite::{Where, rewrite};
use super::super::rule::Rule;
use super::super::safety::Pair;
use super::super::tree::Tree;
use super::super::typing::Types;
use super::*;
use std::path::PathBuf;

/// The folder of a case.
fn folder(case: &str, part: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/rule").join(case).join(part)
}

/// The files of a part of a case, by name.
fn files(case: &str, part: &str) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder(case, part))
        .expect("the fixture is there")
        .map(|entry| entry.expect("it is readable").path())
        .map(|path| {
            (path.file_name().unwrap_or_default().to_string_lossy().into(), std::fs::read(&path).expect("a file"))
        })
        .collect();
    all.sort();
    all
}

/// What spdiff finds, as rules.
fn learned(case: &str, threshold: usize) -> Vec<Rule> {
    let mut set = Changeset::default();
    for ((_, before), (_, after)) in files(case, "before").iter().zip(&files(case, "after")) {
        let mut read = |text: &[u8]| Tree::read(&mut set.terms, text).expect("short");
        let (before, after) = (read(before), read(after));
        let types = Types::of(&set.terms, &before);
        set.pairs.push(Pair { terms: before.root().zip(after.root()), types });
    }
    let all = common_patches(&mut set, threshold, Growth::Pruned);
    let rule = |common: &Common| rule_of(&set.terms, common);
    all.iter().filter_map(rule).collect()
}

/// A sequence as rules are told: one line for each replacement.
fn told(rules: &[Rule]) -> Vec<String> {
    rules.iter().map(Rule::told).collect()
}

/// Applies the first rule to the files in `use`.
fn is_as_expected(case: &str, rules: &[Rule]) {
    for ((name, before), (_, expected)) in files(case, "use").iter().zip(&files(case, "expected")) {
        let done = rewrite(before, rules.get(..1).unwrap_or_default(), Where::Everywhere);
        let made = String::from_utf8_lossy(&edited(before, &done.edits)).into_owned();
        assert_eq!(made, String::from_utf8_lossy(expected), "{case} {name}: {:?}", told(rules));
    }
}

/// K1 (section 2 of the paper), SP-15.
#[test]
fn memcpy_from_a_socket_buffer_and_no_other_is_rewritten() {
    let rules = learned("k1-memcpy", 2);
    let wanted = "memcpy(X0, X1->data, X2) -> skb_copy_from_linear_data(X1, X0, X2) (X1 is struct sk_buff *)";
    assert_eq!(told(&rules), [wanted]);
    is_as_expected("k1-memcpy", &rules);
}

/// K2 (section 6).
#[test]
fn a_structure_that_lost_a_level_is_one_rule_of_two_replacements() {
    let rules = learned("k2-sprom", 2);
    assert_eq!(told(&rules).len(), 1, "{:?}", told(&rules));
    is_as_expected("k2-sprom", &rules);
}

/// K3 (section 6).
#[test]
fn two_members_of_a_path_become_the_path() {
    let rules = learned("k3-seq-path", 2);
    assert_eq!(told(&rules), ["seq_path(X0, X1->X2.mnt, X1->X2.dentry, X3) -> seq_path(X0, &X1->X2, X3)"]);
    is_as_expected("k3-seq-path", &rules);
}

/// K4 (section 6).
#[test]
fn a_renamed_function_is_one_rule() {
    let rules = learned("k4-kobject", 2);
    assert_eq!(rules.len(), 1, "{:?}", told(&rules));
    is_as_expected("k4-kobject", &rules);
}

/// K5 (section 6).
#[test]
fn a_declaration_that_names_itself_becomes_a_macro() {
    let rules = learned("k5-list-head", 2);
    assert_eq!(told(&rules), ["struct list_head X0 = LIST_HEAD_INIT(X0); -> LIST_HEAD(X0);"]);
    is_as_expected("k5-list-head", &rules);
}

/// K6 (section 6): what is tied together by control flow alone has no safe generic patch.
#[test]
fn an_allocation_and_its_clearing_have_no_generic_rule() {
    let rules = learned("k6-kzalloc", 2);
    assert_eq!(told(&rules), [""; 0]);
}

/// W1.
#[test]
fn what_is_not_done_to_every_call_is_no_rule() {
    let rules = learned("w1-toy", 3);
    assert_eq!(told(&rules), ["return X0; -> return X0 + X0;"]);
    is_as_expected("w1-toy", &rules);
}

/// W2: in generic mode nothing that does it; the sequence is a path.
#[test]
fn three_statements_that_became_one_have_no_generic_rule_that_does_it() {
    let rules = learned("w2-zero-page", 3);
    for ((_, before), (_, after)) in files("w2-zero-page", "before").iter().zip(&files("w2-zero-page", "after")) {
        for rule in &rules {
            let done = rewrite(before, std::slice::from_ref(rule), Where::Everywhere);
            assert_ne!(edited(before, &done.edits), *after, "{}", rule.told());
        }
    }
}
