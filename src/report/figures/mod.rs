//! How good the confidence is, as one page of plots: reliability with intervals, coverage against precision, the confidence of
//! right and wrong ones, outcome by method. Static SVG, no script, no network.

mod plot;
mod statistics;

pub use statistics::Judged;

use crate::report::plain::xml;
use plot::{by_group, coverage, histogram, reliability};
use statistics::{auroc, brier, calibration_error, coverage_at, mean_distances};
use std::fmt::Write;

/// How it looks.
const STYLE: &str = include_str!("figures.css");
/// Precisions at which the coverage is told.
const PRECISIONS: [f64; 2] = [0.95, 0.97];

/// The page; sections are titles with what was judged, files and commits for instance.
pub fn figures(title: &str, sections: &[(&str, Vec<Judged>)]) -> String {
    let title = xml(title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\" data-ready=\"true\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\n<style>\n{STYLE}</style></head>\n\
         <body><h1>{title}</h1>\n"
    );
    for (name, judged) in sections {
        section(&mut page, name, judged);
    }
    page.push_str("</body></html>\n");
    page
}

fn section(page: &mut String, name: &str, judged: &[Judged]) {
    let _ = writeln!(page, "<h2>{} {}</h2>", judged.len(), xml(name));
    if judged.is_empty() {
        page.push_str("<p>Nothing was judged.</p>\n");
        return;
    }
    let mut said = vec![
        format!("AUROC {:.3}", auroc(judged)),
        format!("expected calibration error {:.3}", calibration_error(judged)),
        format!("Brier score {:.3}", brier(judged)),
    ];
    for precision in PRECISIONS {
        said.push(format!(
            "coverage {:.1} % at {:.0} % precision",
            100.0 * coverage_at(judged, precision),
            100.0 * precision
        ));
    }
    let (ours, zero) = mean_distances(judged);
    said.push(format!("mean error of the predicted distance {ours:.2} lines, of predicting none {zero:.2}"));
    let _ = writeln!(page, "<p>{}.</p>\n<div class=\"plots\">", said.join("; "));
    let plots = [
        (
            "How often what is so sure is right",
            reliability(judged),
            "Points are the tenths of the confidence, with 95 % Wilson intervals and how many there are.",
        ),
        (
            "What is taken, and how much of that is right",
            coverage(judged),
            "From the surest on; the band is the 95 % Wilson interval.",
        ),
        ("How sure one is of the right and of the wrong ones", histogram(judged), "Heights are square roots."),
        (
            "Right and wrong, by what became of them",
            by_group(judged),
            "Shares of right ones, with 95 % Wilson intervals.",
        ),
    ];
    for (title, svg, note) in plots {
        let _ = writeln!(page, "<figure><figcaption><b>{title}</b><br>{note}</figcaption>\n{svg}</figure>");
    }
    page.push_str("</div>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(likely: f64, right: bool) -> Judged {
        Judged { likely, right, group: "<text>".to_owned(), predicted: 1.0, distance: if right { 0.0 } else { 3.0 } }
    }

    #[test]
    fn a_page_holds_four_plots_for_each_section_and_no_markup_of_the_data() {
        let some: Vec<Judged> = (0..40).map(|n| judged(f64::from(n) / 40.0, n > 15)).collect();
        let page = figures("a <b> title", &[("files", some), ("commits", Vec::new())]);
        assert_eq!(page.matches("<svg").count(), 4);
        assert!(page.contains("a &lt;b&gt; title") && page.contains("&lt;text&gt;"));
        assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
        assert!(page.contains("Nothing was judged"));
    }

    #[test]
    fn one_judgement_is_enough_for_a_page() {
        for right in [true, false] {
            let page = figures("one", &[("files", vec![judged(1.0, right)])]);
            assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
        }
    }
}
