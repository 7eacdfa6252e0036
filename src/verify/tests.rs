//! What passes the door and what does not.

use super::*;

const BASE: &str = "#include <a.h>\n\nstatic int one(int a)\n{\n\tint b = 0;\n\n\tfirst(a);\n\tsecond(a);\n\treturn b;\n}\n\nstatic int two(int a)\n{\n\tint b = 0;\n\n\tfirst(a);\n\tsecond(a);\n\treturn b;\n}\n";

fn judge(base: &str, ours: &str, theirs: &str, result: &str) -> Result<Vec<String>, (Reason, String, usize)> {
    let sides = Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    let question = Question { language: Language::C, sides };
    let candidate = Candidate::of_lines(result.into(), Method::Text);
    match verify(&question, candidate) {
        Ok(resolution) => Ok(resolution.evidence().iter().map(|e| e.said.clone()).collect()),
        Err(rejection) => Err((rejection.objection.reason, rejection.objection.said, rejection.objection.line)),
    }
}

/// `text` with a line put behind the n-th `anchor`, from 0.
fn insert(text: &str, anchor: &str, n: usize, line: &str) -> String {
    let at = text.match_indices(anchor).nth(n).expect("an anchor").0 + anchor.len();
    format!("{}{line}{}", &text[..at], &text[at..])
}

#[test]
fn the_patch_on_a_tip_that_differs_elsewhere_passes() {
    let ours = BASE.replace("#include <a.h>\n", "#include <a.h>\n#include <b.h>\n");
    let add = |text: &str| insert(text, "\tfirst(a);\n", 1, "\tmore(a);\n");
    assert_eq!(judge(BASE, &ours, &add(BASE), &add(&ours)), Ok(Vec::new()));
}

#[test]
fn lines_that_landed_in_a_sibling_are_misplaced() {
    let theirs = insert(BASE, "\tfirst(a);\n", 1, "\tmore(a);\n");
    let result = insert(BASE, "\tfirst(a);\n", 0, "\tmore(a);\n");
    let said = "lines that the patch has in function two are in function one now".to_owned();
    assert_eq!(judge(BASE, BASE, &theirs, &result), Err((Reason::Misplaced, said, 8)));
}

#[test]
fn a_function_that_upstream_renamed_is_the_patchs_own() {
    let ours = BASE.replace("two", "renamed");
    let add = |text: &str| insert(text, "\tfirst(a);\n", 1, "\tmore(a);\n");
    assert_eq!(judge(BASE, &ours, &add(BASE), &add(&ours)), Ok(Vec::new()));
}

#[test]
fn lines_that_landed_in_the_other_branch_are_misplaced() {
    let base = BASE.replace("\tfirst(a);\n", "#ifdef X\n\tfirst(a);\n#else\n\tfirst(a);\n#endif\n");
    let theirs = insert(&base, "\tfirst(a);\n", 0, "\tmore(a);\n");
    let result = insert(&base, "\tfirst(a);\n", 1, "\tmore(a);\n");
    let (reason, said, _) = judge(&base, &base, &theirs, &result).expect_err("misplaced");
    assert_eq!(reason, Reason::Misplaced);
    assert_eq!(said, "lines that the patch has under '#ifdef X' are under '#ifdef X #else' now");
}

#[test]
fn a_line_that_nobody_changed_is_unexplained() {
    let theirs = insert(BASE, "\tfirst(a);\n", 1, "\tmore(a);\n");
    let result = insert(&theirs, "\tsecond(a);\n", 0, "\tinvented(a);\n");
    let (reason, said, line) = judge(BASE, BASE, &theirs, &result).expect_err("unexplained");
    assert_eq!((reason, line), (Reason::Unexplained, 9), "{said}");
    let gone = theirs.replacen("\tsecond(a);\n", "", 1);
    assert_eq!(judge(BASE, BASE, &theirs, &gone).expect_err("gone").0, Reason::Unexplained);
}

#[test]
fn a_line_of_the_patch_that_is_lost_is_missing_unless_upstream_has_it() {
    let theirs = insert(BASE, "\tfirst(a);\n", 1, "\tmore(a);\n\tand_more(a);\n");
    let result = insert(BASE, "\tfirst(a);\n", 1, "\tmore(a);\n");
    assert_eq!(judge(BASE, BASE, &theirs, &result).expect_err("lost").0, Reason::Missing);
    let ours = insert(BASE, "\tfirst(a);\n", 1, "\tand_more(a);\n");
    let result = insert(&ours, "\tfirst(a);\n", 1, "\tmore(a);\n");
    assert_eq!(
        judge(BASE, &ours, &theirs, &result),
        Ok(vec!["upstream has made a change of the patch already: and_more(a);".to_owned()])
    );
}

#[test]
fn a_line_that_the_patch_moves_to_where_upstream_has_put_it_is_upstream_already() {
    let base = "config X\n\tselect A\n\nconfig Y\n\tselect B if X\n\tselect RT\n";
    let theirs = "config X\n\tselect A\n\tselect RT\n\nconfig Y\n\tselect B if X\n";
    let ours = "config X\n\tselect A\n\tselect RT\n\nconfig Y\n\tselect B if X\n\tselect RT\n";
    assert_eq!(
        judge(base, ours, theirs, theirs),
        Ok(vec!["upstream has made a change of the patch already: select RT".to_owned()])
    );
}

#[test]
fn a_marker_is_rejected_and_a_heading_is_not() {
    let theirs = insert(BASE, "\tfirst(a);\n", 1, "\tmore(a);\n");
    let result = theirs.replace("\tmore(a);\n", "<<<<<<< ours (upstream)\n\tmore(a);\n");
    assert_eq!(judge(BASE, BASE, &theirs, &result).expect_err("a marker").0, Reason::Marker);
    let theirs = insert(BASE, "#include <a.h>\n", 0, "=======\n");
    assert_eq!(judge(BASE, BASE, &theirs, &theirs), Ok(Vec::new()));
}

#[test]
fn a_function_that_both_sides_add_at_different_places_is_there_twice() {
    let new = "static int helper(void)\n{\n\treturn 1;\n}\n\n";
    let ours = insert(BASE, "#include <a.h>\n\n", 0, &new.replace('1', "2"));
    let theirs = format!("{BASE}\n{new}");
    let result = format!("{ours}\n{new}");
    let (reason, said, _) = judge(BASE, &ours, &theirs, &result).expect_err("twice");
    assert_eq!((reason, said.as_str()), (Reason::Duplicate, "function helper is defined twice"));
}

#[test]
fn what_somebody_wrote_beyond_the_patch_is_not_there_twice_either() {
    let helper = "static int helper(void)\n{\n\treturn 1;\n}\n\n";
    let (ours, theirs) = (format!("{helper}{BASE}"), BASE.replace("one(", "one_more("));
    assert_ne!(theirs, BASE);
    let result = format!("{helper}{theirs}\n{helper}");
    let sides = Sides { base: BASE.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    let composed = result.split_inclusive('\n').map(|line| line.as_bytes().to_vec()).collect();
    let candidate = Candidate { composed, ..Candidate::of_lines(result.clone().into_bytes(), Method::Remembered) };
    let refused = verify(&Question { language: Language::C, sides }, candidate).expect_err("twice");
    assert_eq!(refused.objection.said, "function helper is defined twice");
}

#[test]
fn two_definitions_under_other_conditions_are_one_each() {
    let one = "#ifdef X\nstatic int helper(void)\n{\n\treturn 1;\n}\n#else\n";
    let other = "static int helper(void)\n{\n\treturn 2;\n}\n#endif\n";
    let base = format!("{BASE}{one}#endif\n");
    let theirs = format!("{BASE}{one}{other}");
    assert_eq!(judge(&base, &base, &theirs, &theirs), Ok(Vec::new()));
}

#[test]
fn a_case_a_constant_and_a_field_are_there_once() {
    let base = "enum e {\n\tA,\n\tB,\n};\n\nstruct s {\n\tint a;\n\tint b;\n};\n\nint f(int a)\n{\n\tswitch (a) {\n\tcase A:\n\t\treturn 1;\n\tcase B:\n\t\treturn 2;\n\t}\n\treturn 0;\n}\n";
    let adds = [("\tA,\n", "\tC,\n"), ("\tint a;\n", "\tint c;\n"), ("\t\treturn 1;\n", "\tcase C:\n\t\treturn 3;\n")];
    for (anchor, line) in adds {
        let theirs = insert(base, anchor, 0, line);
        let other = anchor.replace('A', "B").replace('a', "b").replace('1', "2");
        let ours = insert(base, &other.replace("retbrn", "return"), 0, line);
        let result = insert(&ours, anchor, 0, line);
        assert_eq!(judge(base, &ours, &theirs, &result).expect_err(anchor).0, Reason::Duplicate, "{anchor}");
        assert_eq!(judge(base, base, &theirs, &theirs), Ok(Vec::new()), "{anchor}");
    }
}

#[test]
fn a_variable_is_in_its_block_once_and_a_field_in_its_table() {
    let base = "int f(void)\n{\n\tint a;\n\tint b;\n\n\tfor (;;) {\n\t\tint c;\n\n\t\tgo(c);\n\t}\n\treturn a;\n}\n\nstruct s t = {\n\t.first = 1,\n\t.second = { .first = 2 },\n\t.third = 3,\n};\n";
    for (first, second, line, other, is_fine) in [
        ("\tint a;\n", "\tint b;\n", "\tlong n;\n", "\tint n = 0;\n", false),
        ("\tint a;\n", "\t\tint c;\n", "\tlong n;\n", "\t\tint n = 0;\n", true),
        ("\t.first = 1,\n", "2 },\n", "\t.more = 1,\n", "\t.more = 2,\n", false),
        ("\t.first = 1,\n", "2 },\n", "\t[0].a = 1,\n", "\t[0].b = 1,\n", true),
    ] {
        let theirs = insert(base, first, 0, line);
        let result = insert(&theirs, second, 0, other);
        let judged = judge(base, &insert(base, second, 0, other), &theirs, &result);
        assert_eq!(judged.is_ok(), is_fine, "{line}: {judged:?}");
        assert!(is_fine || judged.is_err_and(|(reason, ..)| reason == Reason::Duplicate), "{line}");
    }
}

#[test]
fn what_parses_worse_than_both_sides_is_rejected() {
    let theirs = insert(BASE, "\tfirst(a);\n", 1, "\tif (a) {\n\t\tmore(a);\n\t}\n");
    let ours = BASE
        .replace("\tsecond(a);\n\treturn b;\n}\n\nstatic int two", "\tsecond(a);\n\treturn 0;\n}\n\nstatic int two");
    let good = insert(&ours, "\tfirst(a);\n", 1, "\tif (a) {\n\t\tmore(a);\n\t}\n");
    assert_eq!(judge(BASE, &ours, &theirs, &good), Ok(Vec::new()));
    let bad = good
        .replace("\tif (a) {\n\t\tmore(a);\n\t}\n", "\tif (a) {\n\t}\n\t\tmore(a);\n")
        .replace("\tif (a) {\n\t}\n", "\tif (a) {\n)\t}\n");
    assert!(judge(BASE, &ours, &theirs, &bad).is_err());
}

#[test]
fn any_bytes_get_an_answer() {
    let odd = "\u{0}\u{1}{{{{((((#if\n#else\n#else\n}}}}\n<<<<<<<\n";
    let _ = judge(odd, BASE, odd, BASE);
    let _ = judge("", "", "", odd);
    assert_eq!(judge("", "", "", ""), Ok(Vec::new()));
}
