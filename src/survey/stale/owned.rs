//! Members of types that are declared otherwise, or no more, although others of the same name are still there.
//!
//! In: members that a series uses, each with the type that it is of. Out: those whose old use does not compile, with what upstream's
//! users of the same member teach.
//!
//! ```text
//!   struct platform_driver: remove   int (struct platform_device *) -> void (...)   what hangs there: the function changes along
//!   struct mtk_eth: dummy_dev        struct net_device -> struct net_device *       `.` becomes `->`, `&` goes
//!   struct inode: i_ctime            gone                                           rules from upstream's users
//!   struct acme: users               int -> atomic_t                                rules from upstream's users
//! ```

use super::alike::renamed;
use super::examples::example_of_head;
use super::kernels::Kernels;
use super::learn::{self, Asking};
use super::stale_name::{How, StaleName};
use super::{Role, Use};
use crate::error::Result;
use crate::git::{Oid, Repo};
use crate::index::{Kind, Kinds, Place};
use crate::merge::{Change, Evidence};
use crate::rule::callback::{finder, infer_callbacks};
use crate::rule::member::{Access, Member, hung};
use crate::rule::{
    Body, Declaration, DeclarationChange, Declared, Form, Likeness, Metavariable, MetavariableKind, Options, Pair,
    Pattern, Requirement, Rule, differ_in_struct,
};
use crate::run::quoted;
use crate::survey::ask_names;
use crate::syntax::items::{ItemKind, items};
use crate::syntax::lex::{Kind as TokenKind, Token, has_word, tokens};
use bstr::{BStr, ByteSlice};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

/// Functions that are read as examples of what hangs in a field.
const FUNCTIONS: usize = 16;
/// Files that are looked into for them.
const FILES: usize = 60;
/// Examples that are shown.
const EXAMPLES: usize = 3;
/// One function may do something for a reason of its own.
const SEVERAL: usize = 2;

/// What happened to a member.
enum Happened {
    /// The type has none of that name.
    Gone,
    /// A struct became a pointer to one.
    Pointer,
    /// It is of another type, which does not take the old one's values.
    Retyped,
    /// What hangs there is called otherwise, or returns something else.
    Callback,
}

/// A member that is stale.
struct Found<'a> {
    member: &'a Member,
    happened: Happened,
    was: Evidence,
    why: String,
    /// How it was declared.
    old: Declaration,
    /// The definition of its type on the new kernel.
    after: Vec<u8>,
}

/// Looks the members up; with each that is stale go the rules and examples.
///
/// # Errors
/// An object is missing or damaged.
pub fn stale(repo: &Repo, kernels: &mut Kernels, asked: &BTreeSet<Member>) -> Result<Vec<(Member, StaleName)>> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let found = found(repo, kernels, asked)?;
    let (users, fields) = users(repo, kernels.trees.0, &found)?;
    let mut stale = Vec::new();
    for one in found {
        let users = users.get(&one.member.owner).map_or(&[][..], Vec::as_slice);
        let fields = fields.get(&one.member.field);
        // The files that know both, which are few where the field is rare, and near ones first does not matter here.
        let both: Vec<Vec<u8>> =
            users.iter().filter(|path| fields.is_some_and(|all| all.contains(*path))).cloned().collect();
        stale.push((one.member.clone(), taught(kernels, &one, &both)?));
    }
    Ok(stale)
}

/// The members whose declaration refuses the old use.
fn found<'a>(repo: &Repo, kernels: &mut Kernels, asked: &'a BTreeSet<Member>) -> Result<Vec<Found<'a>>> {
    let mut by_owner: BTreeMap<&[u8], Vec<&Member>> = BTreeMap::new();
    asked.iter().for_each(|member| by_owner.entry(&member.owner).or_default().push(member));
    let tags: Vec<&[u8]> = by_owner.values().map(|members| members[0].tag()).collect();
    let defines = |kinds: Kinds| kinds.defines(Kind::Struct);
    let (then, now) = ask_names(repo, &[kernels.trees.0, kernels.trees.1], |both| match both {
        [base, onto] => Ok((base.places(&tags, defines)?, onto.places(&tags, defines)?)),
        _ => Ok((Vec::new(), Vec::new())),
    })?;
    let mut found = Vec::new();
    for (members, (then, now)) in by_owner.into_values().zip(then.iter().zip(&now)) {
        let (Some(then), Some(now)) = (only_header(then), only_header(now)) else { continue };
        // A type that went to another header is read there; the same path with the same content has changed nothing.
        if then.path != now.path {
            continue;
        }
        let path = BStr::new(&then.path);
        let Some(file) = kernels.file(path)? else { continue };
        let tag = members[0].tag();
        let (Some(before), Some(after)) = (definition(&file.before, tag), definition(&file.after, tag)) else {
            continue;
        };
        if before != after {
            found.extend(members.into_iter().filter_map(|member| compared(member, (before, after), path)));
        }
    }
    Ok(found)
}

/// The only header that defines a type. Copies of headers among the tools are no headers of the kernel.
fn only_header(places: &[Place]) -> Option<&Place> {
    let is_header = |p: &&Place| p.path.ends_with(b".h") && !p.path.starts_with(b"tools/");
    let mut headers = places.iter().filter(is_header);
    let is_elsewhere = |p: &Place| !p.path.starts_with(b"tools/") && !p.path.ends_with(b".h");
    let first = headers.next()?;
    (headers.next().is_none() && !places.iter().any(is_elsewhere)).then_some(first)
}

/// The text of the definition of a type, if there is exactly one.
fn definition<'t>(text: &'t [u8], tag: &[u8]) -> Option<&'t [u8]> {
    let all = items(text);
    let is_it = |item: &&crate::syntax::items::Item| {
        item.kind == ItemKind::Struct && !item.body.is_empty() && item.identity(text) == tag
    };
    let mut found = all.list.iter().filter(is_it);
    let first = found.next()?;
    found.next().is_none().then(|| &text[first.span.clone()])
}

/// What happened to a member between two definitions of its type; `None` if its old use is still right, as far as can be seen.
fn compared<'a>(member: &'a Member, (before, after): (&[u8], &[u8]), path: &BStr) -> Option<Found<'a>> {
    let old = Declaration::of_member(&member.field, before)?;
    let shown = |what: &str| format!("{} in {}: {what}", member.field.to_str_lossy(), member.owner.to_str_lossy());
    let found = |happened, why: String| {
        let was = Evidence::new(why.clone()).at(quoted(path));
        Found { member, happened, was, why, old: old.clone(), after: after.to_vec() }
    };
    if !has_word(after, &member.field) {
        // It may have gone into what a macro, or another type, brings along.
        if hidden(after).difference(&hidden(before)).next().is_some() {
            return None;
        }
        return Some(found(Happened::Gone, shown(&format!("was {}, is gone", old.told()))));
    }
    let new = Declaration::of_member(&member.field, after)?;
    let (Declared::Field(a), Declared::Field(b)) = (&old.declared, &new.declared) else { return None };
    let change = DeclarationChange::between(&old, Some(&new));
    let why = shown(change.told().split_once(": ")?.1);
    if change.is_pointer_now() && member.form == Access::Read {
        return Some(found(Happened::Pointer, why));
    }
    match member.form {
        Access::Designator => refuses_callback(a, b).then(|| found(Happened::Callback, why)),
        Access::Read => change.refuses_reading().then(|| found(Happened::Retyped, why)),
    }
}

/// What the definition of a type has in it without telling the members: `struct ACME_COMMON;`, `ACME_COMMON;`, `ACME_FIELDS(a);`.
fn hidden(definition: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    let mut part: Vec<Token<'_>> = Vec::new();
    // What follows a `}` is the name of what it closes.
    let mut is_name = true;
    for token in tokens(definition).into_iter().filter(|token| token.kind != TokenKind::Comment) {
        let is_end = [";", "{", "}"].into_iter().any(|end| token.is(end));
        if !is_end {
            part.push(token);
            continue;
        }
        if token.is(";") && !is_name && is_hidden(&part) {
            found.insert(part.iter().map(|token| token.text).collect::<Vec<_>>().join(&b' '));
        }
        part.clear();
        is_name = token.is("}");
    }
    found
}

/// Whether a declaration in a type does not tell what it declares.
fn is_hidden(part: &[Token<'_>]) -> bool {
    let is_loud = |token: &Token<'_>| token.kind == TokenKind::Word && !token.text.iter().any(u8::is_ascii_lowercase);
    match part {
        [kind, rest @ ..] if kind.is_word("struct") || kind.is_word("union") => matches!(rest, [_]),
        [name] => name.kind == TokenKind::Word,
        [name, open, ..] => is_loud(name) && open.is("("),
        [] => false,
    }
}

/// Whether a function that fits a field of one type does not fit the other.
fn refuses_callback(before: &[u8], after: &[u8]) -> bool {
    /// The field's type as a function of that type.
    fn function(kind: &[u8]) -> Option<Declaration> {
        let at = memchr::memmem::find(kind, b" (")?;
        Declaration::read(b"f", &[&kind[..at], b" f", &kind[at + 1..], b";"].concat())
    }
    function(before)
        .zip(function(after))
        .is_some_and(|(old, new)| DeclarationChange::between(&old, Some(&new)).refuses())
}

/// Paths, by what is used there.
type Users = FxHashMap<Vec<u8>, Vec<Vec<u8>>>;

/// The same to be asked.
type Holders = FxHashMap<Vec<u8>, FxHashSet<Vec<u8>>>;

/// The files of old upstream that use each of the types, and each of the fields.
fn users(repo: &Repo, base: Oid, found: &[Found<'_>]) -> Result<(Users, Holders)> {
    let owners: BTreeMap<&[u8], &[u8]> =
        found.iter().map(|one| (one.member.owner.as_slice(), one.member.tag())).collect();
    let fields: BTreeSet<&[u8]> = found.iter().map(|one| one.member.field.as_slice()).collect();
    let words: Vec<&[u8]> = owners.values().chain(&fields).copied().collect();
    let places = ask_names(repo, &[base], |base| match base {
        [base] => base.places(&words, Kinds::is_used),
        _ => Ok(Vec::new()),
    })?;
    let paths = |places: &Vec<Place>| places.iter().map(|place| place.path.clone()).collect::<Vec<_>>();
    let (of_owners, of_fields) = places.split_at(owners.len().min(places.len()));
    let users = owners.keys().zip(of_owners).map(|(owner, places)| (owner.to_vec(), paths(places)));
    let fields = fields.iter().zip(of_fields).map(|(field, all)| (field.to_vec(), paths(all).into_iter().collect()));
    Ok((users.collect(), fields.collect()))
}

/// A rule with how the member that it brings is declared beside the one that is gone.
fn compared_to(mut rule: Rule, found: &Found<'_>) -> Rule {
    let new = renamed(&rule, &found.member.field).and_then(|new| Declaration::of_member(&new, &found.after));
    rule.knowledge.declared = match new.as_ref().map(|new| (&found.old.declared, &new.declared)) {
        Some((Declared::Field(a), Declared::Field(b))) if a == b => Likeness::Alike,
        Some((Declared::Field(a), Declared::Field(b))) if refuses_callback(a, b) || differ_in_struct(a, b) => {
            Likeness::Otherwise
        }
        _ => Likeness::Unknown,
    };
    rule
}

/// What upstream's users of a member teach.
fn taught(kernels: &mut Kernels, found: &Found<'_>, users: &[Vec<u8>]) -> Result<StaleName> {
    let Member { owner, field, .. } = found.member;
    let (rules, examples) = match found.happened {
        Happened::Gone | Happened::Retyped => {
            let pairs = learn::pairs(kernels, field, users)?;
            let asking = Asking::of(field, Requirement::Required);
            let rules = learn::rules(asking, &pairs).into_iter().filter_map(|rule| narrowed(rule, found.member));
            let rules = rules.map(|rule| compared_to(rule, found));
            match found.happened {
                Happened::Gone => (rules.collect(), super::examples::examples(kernels, field, users)?),
                // It is there still, and what one place did may be its own matter: a rule is what several did and nobody did not.
                // Only who looks sees the uses that no rule knows.
                _ => (
                    finders(found).into_iter().chain(rules.filter(is_agreed)).collect(),
                    super::examples::examples_of_lines(kernels, field, users)?,
                ),
            }
        }
        Happened::Pointer => (arrows(found), super::examples::examples_of_access(kernels, field, users)?),
        Happened::Callback => {
            let pairs = callbacks(kernels, found.member, users)?;
            (callback_rules(found, &pairs), pairs.iter().filter_map(example_of_head).take(EXAMPLES).collect())
        }
    };
    let used = Use { name: field.clone(), role: Role::Member };
    let name = StaleName::new(used, found.was.clone(), How::Changed);
    Ok(StaleName { examples, rules, owner: Some(owner.clone()), ..name })
}

/// Did several functions do so, and none of the same form otherwise?
fn is_agreed(rule: &Rule) -> bool {
    rule.knowledge.functions >= SEVERAL && rule.knowledge.counter_examples.is_empty()
}

/// Whether a pattern names a field.
fn has_field(pattern: &Pattern, field: &[u8]) -> bool {
    let Pattern::Node { kind, word, children } = pattern else { return false };
    *kind == "field_identifier" && **word == *field || children.iter().any(|child| has_field(child, field))
}

/// The rule for this type alone: others have a member of that name, too.
fn narrowed(mut rule: Rule, member: &Member) -> Option<Rule> {
    let Body::Term(change) = &rule.body else { return None };
    match member.form {
        Access::Designator if has_field(&change.before, &member.field) => {
            rule.within = Some(member.owner.clone());
            Some(rule)
        }
        // It is about a variable of that name.
        Access::Designator => None,
        Access::Read => {
            let (object, arrow) = accessed(&change.before, &member.field)?;
            let kind = if arrow { [&member.owner[..], b" *"].concat() } else { member.owner.clone() };
            let meta = rule.metavariables.get_mut(object as usize)?;
            if meta.typed.as_ref().is_some_and(|typed| *typed != kind) {
                return None;
            }
            meta.typed = Some(kind);
            Some(rule)
        }
    }
}

/// The metavariable that a field is accessed of, and whether by `->`.
fn accessed(pattern: &Pattern, field: &[u8]) -> Option<(u32, bool)> {
    let Pattern::Node { kind, word, children } = pattern else { return None };
    let is_field = |child: &Pattern| matches!(child, Pattern::Node { word, .. } if **word == *field);
    match &children[..] {
        [Pattern::Meta(object), last] if *kind == "field_expression" && is_field(last) => {
            Some((*object, memchr::memmem::find(word, b"->").is_some()))
        }
        _ => children.iter().find_map(|child| accessed(child, field)),
    }
}

/// The rules for a struct that became a pointer: what follows from the declaration alone.
fn arrows(found: &Found<'_>) -> Vec<Rule> {
    let field = found.member.field.to_str_lossy();
    let mut rules = Vec::new();
    for (access, star) in [("->", " *"), (".", "")] {
        let typed = [&found.member.owner[..], star.as_bytes()].concat();
        let metas = vec![Metavariable::typed("X0", &typed), Metavariable::new("X1", MetavariableKind::Identifier)];
        for (before, after) in [
            (format!("&X0{access}{field}"), format!("X0{access}{field}")),
            (format!("X0{access}{field}.X1"), format!("X0{access}{field}->X1")),
        ] {
            let read = |text: &str| Pattern::parse(text, Form::Expression, &metas);
            let (Some(before), Some(after)) = (read(&before), read(&after)) else { continue };
            let name = format!("{field}_{}", rules.len());
            let mut rule = Rule::of_term(&name, metas.clone(), Change { before, after });
            rule.required = Requirement::Required;
            rule.knowledge.why.clone_from(&found.why);
            rules.push(rule);
        }
    }
    rules
}

/// The rules that only look: where a member of this type is used.
fn finders(found: &Found<'_>) -> Vec<Rule> {
    let field = found.member.field.to_str_lossy();
    let finder = |(access, star): (&str, &[u8])| {
        let metas = vec![Metavariable::typed("X0", &[&found.member.owner[..], star].concat())];
        let use_of = Pattern::parse(&format!("X0{access}{field}"), Form::Expression, &metas)?;
        let change = Change { before: use_of.clone(), after: use_of };
        Some(Rule::of_term(&format!("{field}_found"), metas, change))
    };
    [("->", &b" *"[..]), (".", b"")].into_iter().filter_map(finder).collect()
}

/// The rules for what hangs in a field: one that looks, and one that rewrites the functions.
fn callback_rules(found: &Found<'_>, pairs: &[Pair]) -> Vec<Rule> {
    let (field, owner) = (found.member.field.to_str_lossy(), found.member.owner.to_str_lossy());
    let options = Options { required: Requirement::Required, why: found.why.clone(), ..Options::default() };
    let Some(finder) = finder(&field, &owner) else { return Vec::new() };
    let rule = infer_callbacks(&finder, "X0", pairs, &options);
    rule.map_or_else(Vec::new, |rule| vec![finder, rule])
}

/// Functions that upstream had hung into a field of a type, before and after.
fn callbacks(kernels: &mut Kernels, member: &Member, users: &[Vec<u8>]) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for path in users.iter().filter(|path| path.ends_with(b".c")).take(FILES) {
        if pairs.len() >= FUNCTIONS {
            break;
        }
        let Some(file) = kernels.file(BStr::new(path))? else { continue };
        for name in hung(&file.before, &member.owner, &member.field) {
            let of = |text: &[u8]| {
                let all = items(text);
                let found = all.list.iter().find(|i| i.kind == ItemKind::Function && i.identity(text) == name)?;
                Some(text[found.span.clone()].to_vec())
            };
            let (Some(before), Some(after)) = (of(&file.before), of(&file.after)) else { continue };
            if before != after {
                let (path, function) = (quoted(BStr::new(path)), name.to_str_lossy().into_owned());
                pairs.push(Pair { path, function, before, after });
            }
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_does_not_fit_where_what_is_returned_or_a_struct_or_the_number_of_arguments_differs() {
        for (before, after, wanted) in [
            ("int (struct dev *)", "void (struct dev *)", true),
            ("void (struct dev *)", "int (struct dev *)", true),
            ("int (struct ns *, int)", "int (struct idmap *, int)", true),
            ("int (struct dev *)", "int (struct dev *, int)", true),
            ("int (struct dev *)", "int (const struct dev *)", false),
            ("long (unsigned char *)", "int (u8 *)", false),
            ("int", "long", false),
        ] {
            assert_eq!(refuses_callback(before.as_bytes(), after.as_bytes()), wanted, "{before} -> {after}");
        }
    }

    #[test]
    fn a_member_is_not_gone_where_a_macro_or_another_type_may_bring_it() {
        let member = Member { owner: b"struct acme".to_vec(), field: b"base".to_vec(), form: Access::Read };
        let before = b"struct acme {\n\tint size;\n\tstruct net base;\n};";
        let is_gone = |after: &[u8]| compared(&member, (before, after), BStr::new("a.h")).is_some();
        for body in ["int size;", "int size; union { int a; struct net b; } one;"] {
            assert!(is_gone(format!("struct acme {{ {body} }};").as_bytes()), "{body}");
        }
        for body in ["union { struct ACME_ALL; struct acme_all co; };", "ACME_ALL;", "ACME_ALL(struct net);"] {
            assert!(!is_gone(format!("struct acme {{ {body} }};").as_bytes()), "{body}");
        }
    }

    #[test]
    fn what_became_a_pointer_is_accessed_as_one() {
        let member = Member { owner: b"struct acme".to_vec(), field: b"dev".to_vec(), form: Access::Read };
        let before = b"struct acme {\n\tstruct net dev;\n\tint other;\n};";
        let after = b"struct acme {\n\tstruct net *dev;\n\tint other;\n};";
        let found = compared(&member, (before, after), BStr::new("a.h")).expect("it changed");
        assert_eq!(found.why, "dev in struct acme: was struct net, is struct net *: . became ->");
        let told: Vec<String> = arrows(&found).iter().map(Rule::told).collect();
        assert_eq!(told[0], "&X0->dev -> X0->dev (X0 is struct acme *)");
        assert_eq!(told[1], "X0->dev.X1 -> X0->dev->X1 (X0 is struct acme *)");
        let other = Member { field: b"other".to_vec(), ..member };
        assert!(compared(&other, (before, after), BStr::new("a.h")).is_none());
    }
}
