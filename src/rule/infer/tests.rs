//! Rules learned from a few functions of our own.

use super::*;

/// Pairs of functions with these bodies.
fn pairs(all: &[(&str, &str)]) -> Vec<Pair> {
    let whole = |body: &str| {
        if body.contains('{') {
            body.as_bytes().to_vec()
        } else {
            format!("int f(struct a *p, struct b *q)\n{{\n{body}\n}}\n").into_bytes()
        }
    };
    let pair = |(at, (before, after)): (usize, &(&str, &str))| Pair {
        path: format!("drivers/{at}.c"),
        function: "f".into(),
        before: whole(before),
        after: whole(after),
    };
    all.iter().enumerate().map(pair).collect()
}

/// The rules of a name, told.
fn told(name: &str, all: &[(&str, &str)]) -> Vec<String> {
    infer_for(name.as_bytes(), &pairs(all), &Options::default()).rules.iter().map(Rule::told).collect()
}

#[test]
fn a_call_that_lost_an_argument() {
    let all = [
        ("\tc = class_create(THIS_MODULE, \"one\");", "\tc = class_create(\"one\");"),
        ("\tif (!class_create(THIS_MODULE, name))\n\t\treturn 1;", "\tif (!class_create(name))\n\t\treturn 1;"),
    ];
    assert_eq!(told("class_create", &all), ["class_create(THIS_MODULE, X0) -> class_create(X0)"]);
}

#[test]
fn a_field_of_an_initialiser_that_was_renamed() {
    let all = [
        (
            "struct d one = {\n\t.probe_new = a_probe,\n\t.x = 1,\n};\n",
            "struct d one = {\n\t.probe = a_probe,\n\t.x = 1,\n};\n",
        ),
        ("struct d two = {\n\t.probe_new = b_probe,\n};\n", "struct d two = {\n\t.probe = b_probe,\n};\n"),
    ];
    let rules = infer_for(b"probe_new", &pairs(&all), &Options::default()).rules;
    let text = b"struct d three = {\n\t.probe_new\t= c,\n};\n";
    let done = crate::rule::rewrite(text, &rules, crate::rule::Where::Everywhere);
    assert_eq!(crate::rule::edited(text, &done.edits), b"struct d three = {\n\t.probe\t= c,\n};\n");
}

#[test]
fn an_assignment_that_became_a_call() {
    let all = [
        ("\tvma->vm_flags |= VM_IO;", "\tvm_flags_set(vma, VM_IO);"),
        ("\tv->vm_flags |= VM_IO | VM_DONTEXPAND;\n\tg();", "\tvm_flags_set(v, VM_IO | VM_DONTEXPAND);\n\tg();"),
        ("\tv->vm_flags &= ~VM_IO;", "\tvm_flags_clear(v, VM_IO);"),
        ("\ta->vma->vm_flags &= ~B;", "\tvm_flags_clear(a->vma, B);"),
    ];
    let mut rules = told("vm_flags", &all);
    rules.sort();
    assert_eq!(rules, ["X0->vm_flags &= ~X1 -> vm_flags_clear(X0, X1)", "X0->vm_flags |= X1 -> vm_flags_set(X0, X1)"]);
}

/// SP-15.
#[test]
fn a_field_of_one_type_is_told_from_the_same_field_of_another() {
    let all = [
        ("\tp->master = 1;\n\tq->master = 1;", "\tp->host = 1;\n\tq->master = 1;"),
        (
            "void f(struct a *s, struct b *p)\n{\n\tg(s->master);\n\th(p->master);\n}\n",
            "void f(struct a *s, struct b *p)\n{\n\tg(s->host);\n\th(p->master);\n}\n",
        ),
    ];
    assert_eq!(told("master", &all), ["X0->master -> X0->host (X0 is struct a *)"]);
}

/// SP-16.
#[test]
fn places_that_were_left_are_reported() {
    let mut all = vec![("\told(1);\n\told(2);", "\tnew(1);\n\tnew(2);"); 12];
    all.push(("\told(3);\n\tg(1);", "\told(3);\n\tg(2);"));
    let learned = infer_for(b"old", &pairs(&all), &Options::default());
    assert_eq!(learned.rules.len(), 1);
    let knowledge = &learned.rules[0].knowledge;
    assert_eq!((knowledge.support, knowledge.functions, knowledge.counter_examples.len()), (24, 12, 1));
    assert_eq!(knowledge.counter_examples[0].before, "old(3);");
    assert_eq!(knowledge.counter_examples[0].site.path, "drivers/12.c");
    assert_eq!((learned.uses, learned.changed, learned.explained), (25, 24, 24));
}

#[test]
fn an_unrelated_change_of_the_same_statement_is_no_part_of_the_rule() {
    let all = [
        ("\tstrlcpy(a->name, b, sizeof(a->name));", "\tstrscpy(a->name, c(b), sizeof(a->name));"),
        ("\tstrlcpy(n, p->x, 4);", "\tstrscpy(n, p->x, 4);"),
        ("\treturn strlcpy(n, q, 5);", "\treturn strscpy(n, q, 5);"),
    ];
    assert_eq!(told("strlcpy", &all), ["strlcpy(X0, X1, X2) -> strscpy(X0, X1, X2)"]);
}

#[test]
fn nothing_is_learned_where_nothing_changed() {
    assert_eq!(told("old", &[("\told(1);\n\tg(1);", "\told(1);\n\tg(2);")]), [""; 0]);
    assert_eq!(told("old", &[]), [""; 0]);
}

#[test]
fn a_field_of_one_table_is_told_from_the_same_field_of_another() {
    let table = |kind: &str, name: &str, field: &str| {
        format!("static struct {kind} {name} = {{\n\t.{field} = {name}_remove,\n}};\n")
    };
    let changed: Vec<(String, String)> = ["a", "b", "c"]
        .iter()
        .map(|n| (table("one_driver", n, "remove"), table("one_driver", n, "remove_new")))
        .collect();
    let left: Vec<(String, String)> =
        ["d", "e"].iter().map(|n| (table("other_driver", n, "remove"), table("other_driver", n, "remove"))).collect();
    let all: Vec<(&str, &str)> = changed.iter().chain(&left).map(|(b, a)| (b.as_str(), a.as_str())).collect();
    assert_eq!(told("remove", &all), [".remove = X0 -> .remove_new = X0 (within struct one_driver)"]);
}

#[test]
fn special_cases_come_before_the_general_form() {
    let mut all = vec![("\tx = f(a) + 1;", "\tx = g1(a);"), ("\treturn f(b + c) + 1;", "\treturn g1(b + c);")];
    all.extend([("\tx = f(a);", "\tx = g(a);"); 5]);
    all.extend([("\tx = f(b->c);", "\tx = g(b->c);"); 5]);
    assert_eq!(told("f", &all), ["f(X0) + 1 -> g1(X0)", "f(X0) -> g(X0)"]);
}

#[test]
fn a_word_that_changed_as_the_name_did_is_learned_from_one_use_and_no_other_word_is() {
    let all = |last: (&'static str, &'static str)| {
        [
            ("\tx = bus_master_data(m);", "\tx = bus_host_data(m);"),
            ("\ty = bus_master_data(a->m);", "\ty = bus_host_data(a->m);"),
            last,
        ]
    };
    let one = all(("\tz = bus_master_data(p->master);", "\tz = bus_host_data(p->host);"));
    let wanted = ["bus_master_data(X0->master) -> bus_host_data(X0->host)", "bus_master_data(X0) -> bus_host_data(X0)"];
    assert_eq!(told("bus_master_data", &one), wanted);
    let other = all(("\tz = bus_master_data(p->old);", "\tz = bus_host_data(p->fresh);"));
    assert_eq!(told("bus_master_data", &other), wanted[1..]);
}

#[test]
fn what_a_local_variable_is_called_makes_no_special_case() {
    let pair = |before: &str, after: &str| {
        let whole = |line: &str| format!("int f(struct a *p, struct b *q)\n{{\n\tint ret, err;\n\t{line}\n}}\n");
        (whole(before), whole(after))
    };
    let all: Vec<(String, String)> = [
        ("err = reg_old(p, 1);", "err = reg_new(p, 1);"),
        ("err = reg_old(p->x, q);", "err = reg_new(p->x, q);"),
        ("return reg_old(p, 2);", "return reg_new(p, 2);"),
        ("return reg_old(q, 2);", "return reg_new(q, 2);"),
        ("err = reg_old(q, p);", "err = reg_new(q, p);"),
        ("err = reg_old(q->a, p);", "err = reg_new(q->a, p);"),
        ("return reg_old(q->b, p);", "return reg_new(q->b, p);"),
        ("return reg_old(q->c, p);", "return reg_new(q->c, p);"),
        ("ret = reg_old(p, 3);", "ret = reg_by_hand(3);"),
        ("ret = reg_old(p, 4);", "ret = reg_by_hand(4);"),
    ]
    .map(|(before, after)| pair(before, after))
    .into();
    let mut all: Vec<(&str, &str)> = all.iter().map(|(a, b)| (&a[..], &b[..])).collect();
    assert_eq!(told("reg_old", &all), ["reg_old(X0, X1) -> reg_new(X0, X1)"]);
    // What is handed over does, also where the function itself is among what is read.
    let defined = "int reg_old(struct a *p, int n)\n{\n\treturn n;\n}\n";
    let of_domain = ["\treturn reg_old(p->domain, 3);", "\treturn reg_old(q->domain, 4);"];
    let new = ["\treturn reg_domain(p->domain, 3);", "\treturn reg_domain(q->domain, 4);"];
    all.splice(8.., [(of_domain[0], new[0]), (of_domain[1], new[1]), (defined, defined)]);
    let wanted = ["reg_old(X0->domain, X1) -> reg_domain(X0->domain, X1)", "reg_old(X0, X1) -> reg_new(X0, X1)"];
    assert_eq!(told("reg_old", &all), wanted);
}

#[test]
fn what_the_declarations_suggest_is_judged_like_the_rest() {
    let metas: Vec<Metavariable> =
        ["X0", "X1"].map(|n| Metavariable::new(n, crate::rule::MetavariableKind::Expression)).into();
    let read = |text| Pattern::parse(text, crate::rule::Form::Expression, &metas).expect("an expression");
    let change = Change { before: read("f(X0, X1)"), after: read("f(X1)") };
    let options = Options { declared: vec![(change, metas.clone())], ..Options::default() };
    let all = [("\tf(M, a);", "\tf(a);"), ("\tf(N, b(c));", "\tf(b(c));")];
    let rules = infer_for(b"f", &pairs(&all), &options).rules;
    assert_eq!(rules.iter().map(Rule::told).collect::<Vec<_>>(), ["f(X0, X1) -> f(X1)"]);
}

proptest::proptest! {
    #[test]
    fn any_functions_are_learned_from_without_harm(before in "[a-c(){};,=\\n#*/ >-]{0,120}", after in "[a-c(){};,=\\n#*/ >-]{0,120}") {
        let pair = Pair { path: "p".into(), function: "f".into(), before: before.into(), after: after.into() };
        infer_for(b"a", &[pair.clone(), pair], &Options::default());
    }
}

#[test]
fn deeply_nested_functions_are_learned_from_without_harm() {
    let deep = |leaf: &str| {
        format!("int f(void) {{ return {}{leaf}{}; }}", "(".repeat(20_000), ")".repeat(20_000)).into_bytes()
    };
    let pair = Pair { path: "p".into(), function: "f".into(), before: deep("a"), after: deep("b") };
    assert!(infer_for(b"a", &[pair.clone(), pair], &Options::default()).rules.len() <= 1);
}
