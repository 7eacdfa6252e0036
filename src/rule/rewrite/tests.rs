//! Rewriting, form by form.

use super::super::form::Form;
use super::super::metavariable::{Metavariable, MetavariableKind};
use super::*;
use crate::merge::Change;
use proptest::prelude::*;

/// The metavariables of the rules below.
fn metas() -> Vec<Metavariable> {
    let expression = |name| Metavariable::new(name, MetavariableKind::Expression);
    let mut all: Vec<Metavariable> = ["X", "Y", "Z"].into_iter().map(expression).collect();
    all.push(Metavariable::new("F", MetavariableKind::Identifier));
    all.push(Metavariable::new("ES", MetavariableKind::ExpressionList));
    all
}

/// A rule `before -> after`; nothing behind the arrow removes.
fn rule(form: Form, told: &str) -> Rule {
    let (before, after) = told.split_once(" -> ").map_or((told.trim_end_matches(" ->"), ""), |halves| halves);
    let read = |text: &str| Pattern::parse(text, form, &metas()).unwrap_or_else(|| panic!("{text}"));
    let after = if after.is_empty() { Pattern::Nothing } else { read(after) };
    Rule::of_term("r", metas(), Change { before: read(before), after })
}

/// What a rule makes of a function with this body, or of a whole item if it has a brace.
fn made(form: Form, told: &str, body: &str) -> String {
    let (before, behind) = if body.contains('{') { ("", "") } else { ("int f(void)\n{\n", "\n}\n") };
    let text = format!("{before}{body}{behind}");
    let result = rewrite(text.as_bytes(), &[rule(form, told)], Where::Everywhere);
    let out = String::from_utf8(edited(text.as_bytes(), &result.edits)).expect("text");
    out.strip_prefix(before).and_then(|o| o.strip_suffix(behind)).expect("the rest stays").to_owned()
}

#[test]
fn expressions_change_only_in_the_tokens_that_differ() {
    for (told, before, after) in [
        (
            "class_create(THIS_MODULE, X) -> class_create(X)",
            "\tc = class_create(THIS_MODULE, \"a\");",
            "\tc = class_create(\"a\");",
        ),
        (
            "class_create(THIS_MODULE, X) -> class_create(X)",
            "\tc = class_create(THIS_MODULE,\n\t\t\t \"a\");",
            "\tc = class_create(\"a\");",
        ),
        (
            "strlcpy(X, Y, Z) -> strscpy(X, Y, Z)",
            "\tstrlcpy(a->b, /* from */ c,\n\t\tsizeof( a->b ));",
            "\tstrscpy(a->b, /* from */ c,\n\t\tsizeof( a->b ));",
        ),
        ("X->vm_flags |= Y -> vm_flags_set(X, Y)", "\tvma->vm_flags |= A | B;", "\tvm_flags_set(vma, A | B);"),
        (
            "X->vm_flags |= Y -> vm_flags_set(X, Y)",
            "\tvma->vm_flags |= A |\n\t\tB; // b",
            "\tvm_flags_set(vma, A |\n\t\tB); // b",
        ),
        ("f(X) -> f(X, GFP)", "\tg(f(1), f( a ));", "\tg(f(1, GFP), f( a, GFP ));"),
        ("f(X) -> f(dev, X)", "\tf(1);\n\tf(\n\t\ta);", "\tf(dev, 1);\n\tf(\n\t\tdev, a);"),
        ("f(X, Y) -> f(Y, X)", "\tf(a,  b->c);", "\tf(b->c, a);"),
        ("f(X, Y, Z) -> f(X, Z)", "\tf(a, b,\n\t  c);", "\tf(a,\n\t  c);"),
        ("X->core_layout.base -> X->mem[MOD_TEXT].base", "\tp = m->core_layout.base;", "\tp = m->mem[MOD_TEXT].base;"),
        ("X->master -> X->host", "\ta->master->b = x->master;", "\ta->host->b = x->host;"),
        ("f(ES, X) -> g(ES)", "\tf(1, 2, 3);\n\tf(1);", "\tg(1, 2);\n\tg();"),
        ("a(X) -> b(X)", "\ta(a(1) + a(2));", "\tb(b(1) + b(2));"),
        ("f(X) -> X", "\tx=f( a+b )*2;", "\tx=( a+b )*2;"),
    ] {
        assert_eq!(made(Form::Expression, told, before), after, "{told}");
    }
}

#[test]
fn what_is_put_in_is_read_as_one_where_it_stands() {
    for (told, before, after) in [
        ("f(X, Y) -> f(X, Y->node)", "\treturn f(a, b ?: c);", "\treturn f(a, (b ?: c)->node);"),
        ("f(X, Y) -> f(X, Y->node)", "\treturn f(a,\n\t\t &a->dev);", "\treturn f(a,\n\t\t (&a->dev)->node);"),
        ("f(X, Y) -> f(X, &Y)", "\treturn f(a, b[1]);", "\treturn f(a, &b[1]);"),
        ("f(X, Y) -> g(Y->node, X)", "\treturn f(a, *b);", "\treturn g((*b)->node, a);"),
        ("f(X) -> X - 1", "\tn = f(a) * 2;", "\tn = (a - 1) * 2;"),
        ("X || F -> X || g(F)", "\tn = a && b || c;", "\tn = a && b || g(c);"),
        ("X & OLD -> X & NEW", "\tn = a & OLD | b;", "\tn = a & NEW | b;"),
        ("f(X) -> X - 1", "\tn = f(a);", "\tn = a - 1;"),
        ("f(X) -> *X", "\tn = f(a)->b;", "\tn = (*a)->b;"),
        ("f(X) -> X", "\tn = f(a->b)->c;", "\tn = a->b->c;"),
        ("f(X) -> g(X)", "\tn = !f(a & b);", "\tn = !g(a & b);"),
        ("f(X) -> !g(X)", "\tif (f(a) == 1)\n\t\th();", "\tif ((!g(a)) == 1)\n\t\th();"),
    ] {
        assert_eq!(made(Form::Expression, told, before), after, "{told}");
    }
}

/// What one rule for expressions does in a function with this body.
fn deeds(told: &str, body: &str) -> Vec<Deed> {
    let text = format!("int h(struct acme *a)\n{{\n{body}\n}}\n");
    let done = rewrite(text.as_bytes(), &[rule(Form::Expression, told)], Where::Everywhere);
    done.sites.into_iter().map(|site| site.deed).collect()
}

#[test]
fn what_does_something_is_done_as_often_as_before() {
    let (twice, none) = ("f(X, Y) -> f(X, Y, name(X))", "f(X, Y) -> f(Y)");
    for (told, body, wanted) in [
        (twice, "\treturn f(a->dev, 3);", Deed::Rewritten),
        (twice, "\treturn f(new_dev(a), 3);", Deed::Refused(Refusal::Evaluation)),
        (twice, "\treturn f(devs[i++], 3);", Deed::Refused(Refusal::Evaluation)),
        (twice, "\treturn f(a->dev, next(a));", Deed::Rewritten),
        (none, "\treturn f(&a->dev, next(a));", Deed::Rewritten),
        (none, "\treturn f(get_dev(a), 3);", Deed::Refused(Refusal::Evaluation)),
        (none, "\treturn f(*p++, 3);", Deed::Refused(Refusal::Evaluation)),
        (none, "\treturn f(READ_ONCE(a->dev), 3);", Deed::Refused(Refusal::Evaluation)),
        ("f(ES, Y) -> f(Y)", "\treturn f(a, b(), 3);", Deed::Refused(Refusal::Evaluation)),
        ("f(X, Y) -> f(Y, X)", "\treturn f(one(a), two(a));", Deed::Rewritten),
        ("f(X, Y) -> f(X, Y, sizeof(X))", "\treturn f(one(a), 1);", Deed::Rewritten),
    ] {
        assert_eq!(deeds(told, body), [wanted], "{told}: {body}");
    }
    let done =
        rewrite(b"void h(void)\n{\n\tput(get(a));\n}\n", &[rule(Form::Statement, "put(X); ->")], Where::Everywhere);
    assert_eq!(done.sites[0].deed, Deed::Refused(Refusal::Evaluation));
}

#[test]
fn what_is_written_to_stays_something_that_can_be() {
    let (call, field, address) = ("X->users -> users_of(X)", "X->users -> X->nr.users", "f(X) -> f(&X)");
    for (told, body, is_done) in [
        (call, "\treturn a->users;", true),
        (call, "\tb->n = a->users + 1;", true),
        (call, "\tb[a->users] = 5;", true),
        (call, "\ta->users->n = 5;", true),
        (call, "\tif (a->users == 5)\n\t\tg();", true),
        (call, "\ta->users = 5;", false),
        (call, "\ta->users |= 5;", false),
        (call, "\t(a->users)++;", false),
        (call, "\tget(&a->users);", false),
        (call, "\ta->users.n = 5;", false),
        (call, "\tget(&a->users.n);", false),
        (call, "\tWRITE_ONCE(a->users, 5);", false),
        (call, "\tswap(n, a->users);", false),
        (call, "\tWRITE_ONCE(n, a->users);", true),
        (field, "\ta->users = 5;", true),
        (field, "\tget(&a->users);", true),
        ("X->users = Y -> set_users(X, Y)", "\ta->users = 5;", true),
        ("USERS(X) -> ACME_USERS(X)", "\tUSERS(a)++;", true),
        ("USERS(X) -> X + 1", "\tUSERS(a)++;", false),
        (address, "\tf(flags);", true),
        (address, "\tf(a->flags);", true),
        (address, "\tf(flags_of(a));", false),
        (address, "\tf(a->flags | 1);", false),
        (address, "\tf(ACME_FLAG);", false),
        ("f(&X) -> g(&X)", "\tf(&ACME_FLAG);", true),
        ("f(X) -> WRITE_ONCE(X, 1)", "\tf(flags_of(a));", false),
    ] {
        let wanted = if is_done { Deed::Rewritten } else { Deed::Refused(Refusal::Lvalue) };
        assert_eq!(deeds(told, body), [wanted], "{told}: {body}");
    }
}

#[test]
fn a_name_that_is_the_functions_own_is_something_else() {
    let told = "get(X, Y) -> get(X)";
    let both = [Deed::Shadowed, Deed::Rewritten];
    for (head, body, wanted) in [
        ("int h(int (*get)(int, int))", "\treturn get(1, 2);", &both[..1]),
        ("int h(struct a *a)", "\tint (*get)(int, int) = a->get;\n\n\treturn get(1, 2);", &both[..1]),
        ("int h(struct a *a)", "\t{\n\t\tget_fn *get = a->get;\n\t\tget(1, 2);\n\t}\n\treturn get(3, 4);", &both),
        ("int h(struct a *a)", "\tint get(int, int);\n\n\treturn get(1, 2);", &both[1..]),
        ("int h(int (*cb)(int get))", "\treturn get(1, 2);", &both[1..]),
        ("int h(struct a *a)", "\treturn get(1, a->get);", &both[1..]),
    ] {
        let text = format!("{head}\n{{\n{body}\n}}\n");
        let done = rewrite(text.as_bytes(), &[rule(Form::Expression, told)], Where::Everywhere);
        let deeds: Vec<Deed> = done.sites.iter().map(|site| site.deed).collect();
        assert_eq!(deeds, wanted, "{text}");
    }
}

#[test]
fn a_comment_beside_what_goes_leaves_it_to_people() {
    let refused = Deed::Refused(Refusal::Comment);
    let told = "f(X, Y, Z) -> f(X, Z)";
    for (body, wanted) in [
        ("\tf(a, /* parent */ b,\n\t  /* none */ 3);", refused),
        ("\tf(a, b /* parent */, 3);", refused),
        ("\tf(a, b, // parent\n\t  3);", refused),
        ("\tf(a, b, 3); /* all */", Deed::Rewritten),
        ("\tf(/* first */ a, b, 3 /* last */);", Deed::Rewritten),
    ] {
        assert_eq!(deeds(told, body), [wanted], "{body}");
    }
    for (body, wanted) in [
        ("\tput(a); /* ours */", refused),
        ("\tput(a /* ours */);", refused),
        ("\tput(a);\n\t/* next */\n\tg();", Deed::Rewritten),
    ] {
        let text = format!("void h(void)\n{{\n{body}\n}}\n");
        let done = rewrite(text.as_bytes(), &[rule(Form::Statement, "put(X); ->")], Where::Everywhere);
        assert_eq!(done.sites[0].deed, wanted, "{body}");
    }
}

#[test]
fn statements_initialisers_and_types_are_rewritten() {
    for (form, told, before, after) in [
        (
            Form::Initialiser,
            ".probe_new = X -> .probe = X",
            "struct d d = {\n\t.probe_new\t= p,\n\t.x = 1,\n};",
            "struct d d = {\n\t.probe\t= p,\n\t.x = 1,\n};",
        ),
        (
            Form::Initialiser,
            ".llseek = no_llseek ->",
            "struct d d = {\n\t.open = o,\n\t.llseek = no_llseek,\n};",
            "struct d d = {\n\t.open = o,\n};",
        ),
        (Form::Initialiser, ".owner = X ->", "struct d d = { .a = b, .owner = M };", "struct d d = { .a = b };"),
        (Form::Statement, "put(X); ->", "\tput(a);\n\tg();", "\tg();"),
        (Form::Statement, "return X; -> return X + X;", "\treturn a;", "\treturn a + a;"),
        (
            Form::Statement,
            "struct list_head F = LIST_HEAD_INIT(F); -> LIST_HEAD(F);",
            "\tstruct list_head l = LIST_HEAD_INIT(l);",
            "\tLIST_HEAD(l);",
        ),
        (
            Form::Parameter,
            "struct user_namespace *F -> struct mnt_idmap *F",
            "int f(struct user_namespace *ns, int a)\n{\n}",
            "int f(struct mnt_idmap *ns, int a)\n{\n}",
        ),
    ] {
        assert_eq!(made(form, told, before), after, "{told}");
    }
}

#[test]
fn what_the_mask_hides_stays() {
    let told = "struct a *F -> struct b *F";
    assert_eq!(made(Form::Parameter, told, "int f(struct a __user *p)\n{\n}"), "int f(struct b __user *p)\n{\n}");
}

#[test]
fn a_comment_between_what_goes_as_a_whole_does_not_go_in_silence() {
    let rules = [rule(Form::Expression, "f(X, 1, 2) -> f(X, 3)")];
    let deed = |text: &str| {
        let done = rewrite(format!("int g(void)\n{{\n\t{text};\n}}\n").as_bytes(), &rules, Where::Everywhere);
        (done.sites[0].deed, done.edits.len())
    };
    assert_eq!(deed("f(a, 1, /* why */ 2)"), (Deed::Refused(Refusal::Comment), 0));
    assert_eq!(deed("f(a /* of us */, 1, 2) /* end */"), (Deed::Rewritten, 1));
}

#[test]
fn a_conditional_within_the_match_is_not_torn() {
    let text = b"int f(void)\n{\n\tg(a,\n#ifdef B\n\t  b,\n#endif\n\t  c);\n}\n";
    let result = rewrite(text, &[rule(Form::Expression, "g(X, Y, Z) -> g(X)")], Where::Everywhere);
    assert_eq!(result.edits, []);
}

#[test]
fn only_the_given_bytes_are_rewritten() {
    let text = b"int f(void)\n{\n\ta(1);\n\ta(2);\n}\n";
    let second = text.windows(4).position(|w| w == b"a(2)").expect("it is there");
    let rules = [rule(Form::Expression, "a(X) -> bb(X)"), rule(Form::Expression, "bb(X) -> c(X)")];
    let result = rewrite(text, &rules, Where::Within(std::slice::from_ref(&(second - 1..second + 5))));
    assert_eq!(edited(text, &result.edits), b"int f(void)\n{\n\ta(1);\n\tc(2);\n}\n");
    let deeds: Vec<Deed> = result.sites.iter().map(|site| site.deed).collect();
    assert_eq!(deeds, [Deed::Outside, Deed::Rewritten, Deed::Rewritten]);
}

/// SP-03.
#[test]
fn a_sequence_that_does_not_apply_as_a_whole_changes_nothing() {
    let one = rule(Form::Expression, "a(X) -> b(X)");
    let both = |second: &str| {
        let second = rule(Form::Expression, second);
        Rule { body: Body::Terms([one.changes(), second.changes()].concat()), ..one.clone() }
    };
    let text = b"int f(void)\n{\n\ta(1);\n\tc(2);\n}\n";
    assert_eq!(rewrite(text, &[both("q(X) -> r(X)")], Where::Everywhere), Rewritten::default());
    let done = rewrite(text, &[both("c(X) -> d(X)")], Where::Everywhere);
    assert_eq!(edited(text, &done.edits), b"int f(void)\n{\n\tb(1);\n\td(2);\n}\n");
    let done = rewrite(b"int f(void)\n{\n\ta(1);\n\tc(get(x));\n}\n", &[both("c(X) -> d()")], Where::Everywhere);
    assert_eq!(done.edits, [], "half of it is another change");
    assert!(done.sites.iter().all(|site| site.deed == Deed::Refused(Refusal::Evaluation)));
}

#[test]
fn a_sequence_of_which_a_half_is_outside_changes_nothing() {
    let (one, other) = (rule(Form::Expression, "a(X) -> b(X)"), rule(Form::Expression, "c(X) -> d(X)"));
    let both = Rule { body: Body::Terms([one.changes(), other.changes()].concat()), ..one.clone() };
    let text = b"int f(void)\n{\n\ta(1);\n\tc(2);\n\tc(3);\n}\n";
    let run = |wanted: &[&str]| {
        let place = |word: &&str| {
            let at = memmem::find(text, word.as_bytes()).expect("it is there");
            at..at + word.len()
        };
        let ranges: Vec<Range<usize>> = wanted.iter().map(place).collect();
        let done = rewrite(text, std::slice::from_ref(&both), Where::Within(&ranges));
        (done.edits.len(), done.sites.into_iter().map(|site| site.deed).collect::<Vec<_>>())
    };
    assert_eq!(run(&["a(1)"]), (0, vec![Deed::Outside; 3]));
    assert_eq!(run(&["c(2)"]), (0, vec![Deed::Outside; 3]));
    assert_eq!(run(&["a(1)", "c(2)"]), (2, vec![Deed::Rewritten, Deed::Rewritten, Deed::Outside]));
}

#[test]
fn a_later_rule_takes_over_what_an_earlier_one_found() {
    let metas = vec![Metavariable::new("F", MetavariableKind::Identifier)];
    let found = Pattern::parse(".remove = F", Form::Initialiser, &metas).expect("an initialiser");
    let finder = Rule::of_term("finder", metas.clone(), Change { before: found.clone(), after: found });
    let mut taken = metas;
    taken[0].inherited = Some(("finder".into(), "F".into()));
    let read = |text: &str| Pattern::parse(text, Form::Expression, &taken).expect("an expression");
    let rename = Rule::of_term("r", taken.clone(), Change { before: read("F(1)"), after: read("F(2)") });
    let text = b"void h(void)\n{\n\tone(1);\n\tother(1);\n}\nstruct d d = {\n\t.remove = one,\n};\n";
    let done = rewrite(text, &[finder, rename], Where::Everywhere);
    assert_eq!(done.edits.len(), 1);
    assert_eq!(edited(text, &done.edits)[16..22], *b"one(2)");
}

proptest! {
    #[test]
    fn any_text_is_rewritten_without_harm(text in "[a-c(){};,=\\n#*/ ]{0,200}") {
        let rules = [rule(Form::Expression, "a(X) -> b(X, c)"), rule(Form::Statement, "b(X); ->")];
        let result = rewrite(text.as_bytes(), &rules, Where::Everywhere);
        edited(text.as_bytes(), &result.edits);
    }
}

#[test]
fn line_ends_of_two_bytes_and_bytes_that_are_no_text_stay() {
    let text = b"int f(void)\r\n{\r\n\ta(\"\xff\xfe\",\r\n\t  b); /* \x80 */\r\n}\r\n";
    let done = rewrite(text, &[rule(Form::Expression, "a(X, Y) -> aa(X, Y, 1)")], Where::Everywhere);
    let wanted = b"int f(void)\r\n{\r\n\taa(\"\xff\xfe\",\r\n\t  b, 1); /* \x80 */\r\n}\r\n";
    assert_eq!(edited(text, &done.edits), wanted);
}
