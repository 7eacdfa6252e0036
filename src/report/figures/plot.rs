//! The plots, as SVG whose colours figures.css gives.

use super::statistics::{Judged, Slice, float, groups, slices, taken, wilson};
use crate::report::plain::xml;
use std::fmt::Write;

/// The area of the data within a picture.
const WIDTH: f64 = 420.0;
/// Its height.
const HEIGHT: f64 = 280.0;
/// Room for the axes' words.
const LEFT: f64 = 52.0;
/// Room for the axes' words.
const BELOW: f64 = 40.0;
/// Room above.
const ABOVE: f64 = 14.0;
/// Slices of the histogram.
const BINS: usize = 20;

/// A picture that is being drawn; data go from 0 to 1 on both axes, or from `least` on the upright one.
struct Picture {
    svg: String,
    least: f64,
}

impl Picture {
    /// An empty one with its axes.
    fn new(least: f64, (along, up): (&str, &str)) -> Self {
        let (width, height) = (LEFT + WIDTH + 16.0, ABOVE + HEIGHT + BELOW);
        let svg = format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\">\n");
        let mut picture = Self { svg, least };
        for k in 0..=5 {
            let share = float(k) / 5.0;
            let (x, y) = (picture.x(share), picture.y(least + share * (1.0 - least)));
            picture.line("grid", (LEFT, y), (LEFT + WIDTH, y));
            picture.text("end", (LEFT - 6.0, y + 4.0), &format!("{:.2}", least + share * (1.0 - least)));
            picture.text("middle", (x, ABOVE + HEIGHT + 16.0), &format!("{share:.1}"));
        }
        picture.text("middle", (LEFT + WIDTH / 2.0, ABOVE + HEIGHT + 33.0), along);
        let (x, y) = (13.0, ABOVE + HEIGHT / 2.0);
        let _ = writeln!(
            picture.svg,
            "<text text-anchor=\"middle\" transform=\"rotate(-90 {x} {y})\" x=\"{x}\" y=\"{y}\">{}</text>",
            xml(up)
        );
        picture
    }

    fn x(&self, share: f64) -> f64 {
        LEFT + share * WIDTH
    }

    fn y(&self, share: f64) -> f64 {
        ABOVE + HEIGHT * (1.0 - (share.max(self.least) - self.least) / (1.0 - self.least))
    }

    fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let _ =
            writeln!(self.svg, "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>");
    }

    fn text(&mut self, anchor: &str, (x, y): (f64, f64), text: &str) {
        let _ = writeln!(self.svg, "<text text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", xml(text));
    }

    fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        let _ = writeln!(
            self.svg,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
    }

    fn done(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

/// Confidence against truth.
pub fn reliability(judged: &[Judged]) -> String {
    let mut picture = Picture::new(0.0, ("confidence", "share that is right"));
    let (from, to) = ((picture.x(0.0), picture.y(0.0)), (picture.x(1.0), picture.y(1.0)));
    picture.line("ideal", from, to);
    for Slice { all, right, likely } in slices(judged, 10).into_iter().filter(|s| s.all > 0) {
        let (x, share) = (picture.x(likely / float(all)), wilson(right, all));
        let (low, y, high) = (picture.y(share.low), picture.y(share.share), picture.y(share.high));
        picture.line("interval", (x, low), (x, high));
        let _ = writeln!(picture.svg, "<circle class=\"point\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
        picture.text("start", (x + 6.0, y + 13.0), &all.to_string());
    }
    picture.done()
}

/// How much is taken against how much of it is right.
pub fn coverage(judged: &[Judged]) -> String {
    let curve: Vec<(f64, super::statistics::Share)> =
        taken(judged).into_iter().map(|(all, right)| (float(all) / float(judged.len()), wilson(right, all))).collect();
    let least = curve.last().map_or(0.0, |(_, share)| share.share);
    // A few sure ones prove nothing, and their interval would fill the picture.
    let least = ((least - 0.1).clamp(0.0, 0.9) * 10.0).floor() / 10.0;
    let mut picture = Picture::new(least, ("share that is taken", "share of those that is right"));
    let point = |picture: &Picture, x: f64, y: f64| format!("{:.1},{:.1} ", picture.x(x), picture.y(y));
    let upper: String = curve.iter().map(|(x, share)| point(&picture, *x, share.high)).collect();
    let lower: String = curve.iter().rev().map(|(x, share)| point(&picture, *x, share.low)).collect();
    let middle: String = curve.iter().map(|(x, share)| point(&picture, *x, share.share)).collect();
    let _ = writeln!(picture.svg, "<polygon class=\"band\" points=\"{upper}{lower}\"/>");
    let _ = writeln!(picture.svg, "<polyline class=\"curve\" points=\"{middle}\"/>");
    for precision in super::PRECISIONS.into_iter().filter(|p| *p > least) {
        let (x, y) = (super::coverage_at(judged, precision), picture.y(precision));
        picture.line("ideal", (LEFT, y), (LEFT + WIDTH, y));
        let at = picture.x(x);
        let _ = writeln!(picture.svg, "<circle class=\"point\" cx=\"{at:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
        picture.text("end", (at - 6.0, y + 13.0), &format!("{:.0} % at {:.0} %", 100.0 * x, 100.0 * precision));
    }
    picture.done()
}

/// How many have which confidence, right and wrong ones.
pub fn histogram(judged: &[Judged]) -> String {
    let slices = slices(judged, BINS);
    let most = slices.iter().map(|s| s.all).max().unwrap_or(1).max(1);
    let tall = |n: usize| (float(n) / float(most)).sqrt() * HEIGHT;
    let mut picture = Picture::new(0.0, ("confidence", ""));
    let width = WIDTH / float(BINS);
    for (k, slice) in slices.iter().enumerate().filter(|(_, s)| s.all > 0) {
        let x = LEFT + float(k) * width;
        let all = tall(slice.all);
        let wrong = all * float(slice.all - slice.right) / float(slice.all);
        picture.rect("wrong", (x + 1.0, ABOVE + HEIGHT - wrong), (width - 2.0, wrong));
        picture.rect("right", (x + 1.0, ABOVE + HEIGHT - all), (width - 2.0, all - wrong));
        picture.text("middle", (x + width / 2.0, ABOVE + HEIGHT - all - 3.0), &slice.all.to_string());
    }
    // The heights have no scale of their own: the counts stand above the columns.
    picture.svg = picture.svg.replace("class=\"grid\"", "class=\"none\"");
    without_scale(&picture.done())
}

/// Takes the words of the upright axis away.
fn without_scale(svg: &str) -> String {
    let kept = svg.lines().filter(|line| !line.starts_with("<text text-anchor=\"end\""));
    kept.fold(String::new(), |all, line| all + line + "\n")
}

/// Height of a group's row.
const ROW: f64 = 26.0;

/// Right and wrong by group.
pub fn by_group(judged: &[Judged]) -> String {
    let groups = groups(judged);
    let most = groups.iter().map(|(_, all, _)| *all).max().unwrap_or(1).max(1);
    let (name_width, bar) = (96.0, 230.0);
    let (width, height) = (LEFT + WIDTH + 16.0, ROW * float(groups.len()) + 8.0);
    let mut picture = Picture { svg: format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\">\n"), least: 0.0 };
    for (k, (name, all, right)) in groups.into_iter().enumerate() {
        let y = ROW * float(k) + 4.0;
        let whole = (float(all) / float(most)).sqrt() * bar;
        let good = whole * float(right) / float(all);
        let share = wilson(right, all);
        picture.text("end", (name_width - 6.0, y + 14.0), name);
        picture.rect("right", (name_width, y), (good, ROW - 8.0));
        picture.rect("wrong", (name_width + good, y), (whole - good, ROW - 8.0));
        let said = format!(
            "{right} of {all}: {:.0} % ({:.0} to {:.0})",
            100.0 * share.share,
            100.0 * share.low,
            100.0 * share.high
        );
        picture.text("start", (name_width + whole + 6.0, y + 14.0), &said);
    }
    picture.done()
}
