//! CodeBLEU of an answer beside a truth, as the Python package codebleu 0.7.0 computes it for C with its defaults.
//!
//! In come two texts as bytes, out go four numbers from 0 to 1 and their mean. The numbers are the package's, oddities included,
//! because they must compare with published ones:
//!
//! - words are what whitespace separates, and comments count as words; syntax and data flow see the texts without comments;
//! - the data flow is read by rules made for C#, few of which fit a C tree (see `data_flow`);
//! - a data flow match of 0 counts as 1, be it that the truth has none or that nothing matches;
//! - two equal texts of less than five words may not reach 1.
//!
//! Bytes that are no UTF-8 are read as U+FFFD; the package takes text only.
//!
//! Source: Ren et al., "CodeBLEU: a method for automatic evaluation of code synthesis", arXiv 2009.10297.

use super::data_flow::data_flow_match;
use super::n_gram::n_gram_matches;
use super::python_text::{decode, without_comments};
use super::syntax_match::syntax_match;
use crate::syntax::syntax_tree::SyntaxTree;

/// The four parts, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CodeBleu {
    /// BLEU over words.
    pub n_gram: f64,
    /// BLEU over words in which keywords weigh more.
    pub weighted_n_gram: f64,
    /// Share of the truth's syntax subtrees that the answer has.
    pub syntax: f64,
    /// Share of the truth's data flow that the answer has; 0 also if there is none.
    pub data_flow: f64,
}

impl CodeBleu {
    /// The mean of the parts, a data flow of 0 counting as 1.
    pub fn score(&self) -> f64 {
        let data_flow = if self.data_flow == 0.0 { 1.0 } else { self.data_flow };
        0.25 * self.n_gram + 0.25 * self.weighted_n_gram + 0.25 * self.syntax + 0.25 * data_flow
    }
}

/// CodeBLEU of `answer` beside `truth`; it is not symmetric. `None` if a text is too long to be parsed.
pub fn code_bleu(answer: &[u8], truth: &[u8]) -> Option<CodeBleu> {
    let (answer, truth) = (decode(answer), decode(truth));
    let (answer_code, truth_code) = (without_comments(&answer), without_comments(&truth));
    let answer_tree = SyntaxTree::parse(answer_code.as_bytes())?;
    let truth_tree = SyntaxTree::parse(truth_code.as_bytes())?;
    let (n_gram, weighted_n_gram) = n_gram_matches(&answer, &truth);
    Some(CodeBleu {
        n_gram,
        weighted_n_gram,
        syntax: syntax_match(&answer_tree, &truth_tree),
        data_flow: data_flow_match((&answer_tree, &answer_code), (&truth_tree, &truth_code)),
    })
}

#[cfg(test)]
mod tests {
    //! The expected numbers are those of the Python package: `codebleu==0.7.0` with `tree-sitter==0.22.3` and
    //! `tree-sitter-c==0.21.4`, `calc_codebleu([[truth]], [answer], "c")`, rounded to six digits. With `tree-sitter-c==0.24.1` they
    //! are the same.
    use super::*;

    /// Whether the parts are these: n-gram, weighted n-gram, syntax, data flow, and the score.
    #[track_caller]
    fn assert_parts(answer: &str, truth: &str, expected: [f64; 5]) {
        let is = code_bleu(answer.as_bytes(), truth.as_bytes()).expect("the texts are short");
        let is = [is.n_gram, is.weighted_n_gram, is.syntax, is.data_flow, is.score()];
        assert!(is.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6), "{is:?} instead of {expected:?}");
    }

    #[test]
    fn a_renamed_local_keeps_syntax_and_data_flow() {
        let answer = "static int foo_probe(struct foo *foo)\n{\n\tint ret = foo_init(foo);\n\n\tif (ret)\n\t\treturn ret;\n\treturn 0;\n}\n";
        let truth = "static int foo_probe(struct foo *foo)\n{\n\tint err = foo_init(foo);\n\n\tif (err)\n\t\treturn err;\n\treturn 0;\n}\n";
        assert_parts(answer, truth, [0.511829, 0.527175, 1.0, 1.0, 0.759751]);
    }

    #[test]
    fn an_added_guard_costs_every_part() {
        let answer = "int bar_get(struct bar *bar)\n{\n\tif (!bar)\n\t\treturn -EINVAL;\n\tbar->count += 1;\n\treturn bar->count;\n}\n";
        let truth = "int bar_get(struct bar *bar)\n{\n\tbar->count += 1;\n\treturn bar->count;\n}\n";
        assert_parts(answer, truth, [0.570282, 0.813288, 0.769231, 0.4, 0.6382]);
    }

    #[test]
    fn comments_count_as_words_and_not_as_syntax() {
        let answer = "/* old */\nint a = 1; // it's\nint b = 'x';\n";
        let truth = "/* a new one */\nint a = 1;\nint b = 'x';\n";
        assert_parts(answer, truth, [0.497357, 0.510996, 1.0, 0.0, 0.752088]);
    }

    #[test]
    fn a_loop_is_walked_twice() {
        let answer =
            "void f(int n)\n{\n\tint s = 0;\n\n\twhile (n) {\n\t\ts = s + n;\n\t\tn = n - 1;\n\t}\n\tuse(s);\n}\n";
        let truth =
            "void f(int n)\n{\n\tint s = 0;\n\n\twhile (n) {\n\t\tn = n - 1;\n\t\ts = s + n;\n\t}\n\tuse(s);\n}\n";
        assert_parts(answer, truth, [0.775337, 0.775337, 0.75, 1.0, 0.825168]);
    }

    #[test]
    fn a_text_of_two_words_does_not_reach_1() {
        let answer = "a b";
        let truth = "a b";
        assert_parts(answer, truth, [0.316228, 0.251487, 1.0, 0.0, 0.641929]);
    }

    #[test]
    fn an_empty_answer_shares_nothing() {
        let answer = "";
        let truth = "int a;";
        assert_parts(answer, truth, [0.0, 0.0, 0.0, 0.0, 0.25]);
    }

    #[test]
    fn an_empty_truth_shares_nothing() {
        let answer = "int a;";
        let truth = "";
        assert_parts(answer, truth, [0.0, 0.0, 0.0, 0.0, 0.25]);
    }

    #[test]
    fn two_empty_texts_are_half_alike() {
        let answer = "";
        let truth = "";
        assert_parts(answer, truth, [0.0, 0.0, 1.0, 0.0, 0.5]);
    }

    #[test]
    fn an_if_without_braces_below_an_if_is_a_way_of_its_own() {
        let answer = "void f(void)\n{\n\ta = 1;\n\tif (x)\n\t\tif (y)\n\t\t\ta = 2;\n\tb = a;\n}\n";
        let truth = "void f(void)\n{\n\ta = 1;\n\tif (x)\n\t\ta = 2;\n\tb = a;\n}\n";
        assert_parts(answer, truth, [0.762466, 0.876156, 0.785714, 1.0, 0.856084]);
    }

    #[test]
    fn an_else_continues_the_first_way() {
        let answer = "void f(void)\n{\n\tif (x)\n\t\ta = y;\n\telse\n\t\ta = z;\n\tb = a;\n}\n";
        let truth = "void f(void)\n{\n\tif (x)\n\t\ta = z;\n\telse\n\t\ta = y;\n\tb = a + a;\n}\n";
        assert_parts(answer, truth, [0.54045, 0.544411, 0.625, 0.857143, 0.641751]);
    }

    #[test]
    fn a_wide_character_shifts_the_names_behind_it() {
        let answer = "const char *s = \"\u{e9}\u{e9}\"; int yy = yy + zz;\n";
        let truth = "const char *s = \"ee\"; int yy = yy + zz;\n";
        assert_parts(answer, truth, [0.701688, 0.710667, 1.0, 0.0, 0.853089]);
    }

    #[test]
    fn a_directive_that_the_text_ends_in_is_another_subtree() {
        let answer = "#ifdef CONFIG_FOO\nint a;\n#endif";
        let truth = "#ifdef CONFIG_FOO\nint a;\n#endif\nint b;\n";
        assert_parts(answer, truth, [0.67032, 0.588566, 0.75, 0.0, 0.752222]);
    }

    #[test]
    fn broken_code_has_a_score() {
        let answer = "int f( {\n\treturn @;\n";
        let truth = "int f(void) {\n\treturn 1;\n}\n";
        assert_parts(answer, truth, [0.10295, 0.106974, 0.0, 0.0, 0.302481]);
    }

    #[test]
    fn line_ends_are_whitespace() {
        let answer = "int a;\r\nint b;\r\n";
        let truth = "int a;\nint b;\n";
        assert_parts(answer, truth, [1.0, 1.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn a_separator_parts_words_but_is_no_c() {
        let answer = "int\u{1c}a = b;";
        let truth = "int a = b;";
        assert_parts(answer, truth, [1.0, 1.0, 0.333333, 0.0, 0.833333]);
    }

    #[test]
    fn a_text_of_one_word_takes_the_truth_to_have_two() {
        let answer = "a";
        let truth = "a";
        assert_parts(answer, truth, [0.177828, 0.043748, 1.0, 0.0, 0.555394]);
    }

    #[test]
    fn behind_an_if_without_else_the_old_value_may_still_be_there() {
        let answer = "void f(void)\n{\n\tb = c;\n}\n";
        let truth = "void f(void)\n{\n\tb = c;\n\tfoo(a);\n\tif (x)\n\t\ta = 2;\n\tuse(a);\n}\n";
        assert_parts(answer, truth, [0.309349, 0.363623, 0.277778, 0.333333, 0.321021]);
    }

    #[test]
    fn behind_an_else_the_old_value_is_gone() {
        let answer = "void f(void)\n{\n\tb = c;\n}\n";
        let truth = "void f(void)\n{\n\tb = c;\n\tfoo(a);\n\tif (x)\n\t\ta = 2;\n\telse\n\t\ta = 3;\n\tuse(a);\n}\n";
        assert_parts(answer, truth, [0.174695, 0.270982, 0.238095, 0.285714, 0.242372]);
    }

    #[test]
    fn an_else_behind_an_if_without_braces_starts_from_before() {
        let answer = "void f(void)\n{\n\tb = c;\n}\n";
        let truth = "void f(void)\n{\n\tb = c;\n\tif (x)\n\t\tif (y)\n\t\t\tfoo(q);\n\t\telse\n\t\t\tbar();\n\telse\n\t\tfoo(q);\n}\n";
        assert_parts(answer, truth, [0.232468, 0.286266, 0.217391, 1.0, 0.434031]);
    }

    #[test]
    fn the_order_of_operands_does_not_matter() {
        let answer = "void f(void)\n{\n\tx = p + q;\n\ty = p + q;\n}\n";
        let truth = "void f(void)\n{\n\tx = q + p;\n\ty = p + q;\n}\n";
        assert_parts(answer, truth, [0.629813, 0.635565, 1.0, 1.0, 0.816345]);
    }

    #[test]
    fn a_comment_kept_by_an_apostrophe_is_no_token() {
        let answer = "#error don't\nvoid f(void)\n{\n\tb = c;\n}\n// '\n";
        let truth = "#error don't\nvoid f(void)\n{\n\tb = c;\n\tx = (/* odd */ a);\n}\n// '\n";
        assert_parts(answer, truth, [0.471364, 0.508699, 0.5, 0.5, 0.495016]);
    }

    #[test]
    fn a_string_is_one_token() {
        let answer = "void f(void)\n{\n\tb = c;\n}\n";
        let truth = "void f(void)\n{\n\tb = c;\n\ts = \"a\\n\";\n\tt = \"\";\n}\n";
        assert_parts(answer, truth, [0.356854, 0.414124, 0.357143, 0.333333, 0.365363]);
    }

    #[test]
    fn fields_tell_subtrees_apart() {
        let answer = "void f(void)\n{\n\tfor (; a;)\n\t\tb();\n}\n";
        let truth = "void f(void)\n{\n\tfor (;; a)\n\t\tb();\n}\n";
        assert_parts(answer, truth, [0.411134, 0.427287, 0.6, 0.0, 0.609605]);
    }

    #[test]
    fn a_supposed_name_is_not_a_name() {
        let answer = "void f(void)\n{\n\tp->q;\n}\n";
        let truth = "void f(void)\n{\n\tp->;\n}\n";
        assert_parts(answer, truth, [0.285744, 0.293371, 0.375, 0.0, 0.488529]);
    }

    #[test]
    fn equal_texts_of_five_words_have_1() {
        for text in [
            "int a = b ;",
            "struct foo { int a; };",
            "/* only a comment here */",
            "{ ( [ < +",
            "\u{e9} \u{e9} \u{e9} \u{e9} \u{e9}",
        ] {
            let parts = code_bleu(text.as_bytes(), text.as_bytes()).expect("short");
            assert!((parts.score() - 1.0).abs() < 1e-12, "{text}: {parts:?}");
        }
    }

    #[test]
    fn a_data_flow_without_any_match_counts_as_1() {
        let parts = CodeBleu { n_gram: 0.5, weighted_n_gram: 0.5, syntax: 0.5, data_flow: 0.0 };
        assert!((parts.score() - 0.625).abs() < 1e-12);
    }

    #[test]
    fn any_bytes_have_parts_from_0_to_1() {
        let bytes: Vec<u8> = (0..=255).cycle().map(|b: u8| b.wrapping_mul(167)).take(5_000).collect();
        for (answer, truth) in [(&bytes[..], &bytes[1000..]), (b"int a;", &bytes), (&bytes, b"")] {
            let is = code_bleu(answer, truth).expect("short");
            assert!([is.n_gram, is.weighted_n_gram, is.syntax, is.data_flow].iter().all(|p| (0.0..=1.0).contains(p)));
        }
    }

    #[test]
    fn depth_and_width_are_no_danger() {
        let parentheses = "(".repeat(100_000);
        let loops = format!("void f(void) {{ {}b = a;{} }}", "while (a) {".repeat(60), "}".repeat(60));
        let assignments = format!("void f(void) {{ {}1; }}", "a = ".repeat(20_000));
        for text in [parentheses, loops, assignments] {
            let is = code_bleu(text.as_bytes(), text.as_bytes()).expect("short");
            assert!((is.syntax - 1.0).abs() < 1e-12 && is.data_flow == 0.0);
        }
    }
}
