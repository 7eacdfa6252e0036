//! The scanner at `#if`, `#else` and `#endif`: every arm starts from the state at `#if`, and what comes behind goes on as the
//! first arm left it.
//!
//! In: the scanner. Out: its depth and open item as they have to be behind the directive.

use super::ItemKind;
use super::group::{Condition, Depth, Ending, Group, Open, condition};
use super::scan::Scanner;

/// Groups nested deeper than this are not told apart: their arms are read as one text.
const NESTED_GROUPS: usize = 64;

/// Enters, goes through and leaves `#if` groups.
impl<'a> Scanner<'a> {
    /// At `#if`: what its arms start from.
    pub(super) fn enter_group(&mut self, at: usize) {
        if self.groups.len() >= NESTED_GROUPS {
            self.ignored += 1;
            return;
        }
        let said = condition(self.tokens[at].text);
        let outer = self.groups.last().is_some_and(|group| group.assembler);
        self.groups.push(Group {
            start: at,
            items: self.items.list.len(),
            depth: self.depth,
            open: self.open.as_ref().map(|open| open.start),
            head: self.open.as_ref().map_or(0, |open| open.head.len()),
            body: self.open.as_ref().map_or(Default::default(), |open| (open.body, open.braces)),
            first: None,
            dead: said == Condition::Never,
            assembler: outer || said == Condition::Assembler,
            assembler_else: outer || said == Condition::NotAssembler,
        });
    }

    /// At `#elif` or `#else`: back to the state at `#if`.
    pub(super) fn next_arm(&mut self, at: usize) {
        if self.ignored > 0 {
            return;
        }
        let Some(mut group) = self.groups.pop() else { return };
        let ending = self.end_arm(&group, at);
        if group.first.is_none() && !group.dead {
            group.first = Some(ending);
        } else {
            self.drop_ending(ending, group.first.as_ref(), at);
        }
        self.go_back(&group);
        group.dead = false;
        group.assembler = group.assembler_else;
        self.groups.push(group);
    }

    /// At `#endif`: goes on as the first arm left it.
    pub(super) fn leave_group(&mut self, at: usize) {
        if self.ignored > 0 {
            self.ignored -= 1;
            return;
        }
        let Some(mut group) = self.groups.pop() else { return };
        match group.first.take() {
            Some(first) => {
                let last = self.end_arm(&group, at);
                self.drop_ending(last, Some(&first), at);
                self.go_back(&group);
                self.go_on(first, at);
            }
            None if group.dead => {
                self.end_arm(&group, at);
                self.go_back(&group);
            }
            None => {}
        }
        if group.open.is_none() {
            self.widen(&group);
        }
    }

    /// Takes away what the arm that ends before the directive at `at` has left open.
    fn end_arm(&mut self, group: &Group<'a>, at: usize) -> Ending<'a> {
        let mut ending = Ending { depth: self.depth, ..Ending::default() };
        match (group.open, &mut self.open) {
            (None, _) => ending.open = self.open.take(),
            (Some(start), Some(open)) if open.start == start => {
                ending.tail = open.head.split_off(group.head.min(open.head.len()));
                ending.body = (open.body, open.braces);
            }
            (Some(_), _) => {
                self.finish(self.before(at));
                ending.closed = true;
            }
        }
        ending
    }

    /// Forgets an arm that does not count: what it left open is an item, unless it is another head of the same item.
    fn drop_ending(&mut self, ending: Ending<'a>, first: Option<&Ending<'a>>, at: usize) {
        if ending.open.is_some() && first.is_none_or(|first| first.open.is_none()) {
            self.open = ending.open;
            self.finish(self.before(at));
        }
    }

    /// The state at the group's `#if`.
    fn go_back(&mut self, group: &Group<'a>) {
        self.depth = group.depth;
        let Some(start) = group.open else {
            self.open = None;
            return;
        };
        if let Some(open) = self.open.as_mut().filter(|open| open.start == start) {
            (open.body, open.braces) = group.body;
            return;
        }
        // the arm ended the item: take it back, with what came behind it in the arm
        let from = self.tokens[start].at;
        let found =
            self.items.list[group.items.min(self.items.list.len())..].iter().position(|item| item.span.start == from);
        let Some(n) = found.map(|n| n + group.items) else {
            (self.open, self.depth) = (None, Depth::default());
            return;
        };
        let told = self.items.list[n].clone();
        self.items.list.truncate(n);
        let (body, braces) = group.body;
        self.open = Some(Open { start, head: Vec::new(), body, braces, branch: told.branch, told: Some(told) });
        self.depth = group.depth;
    }

    /// Goes on as the arm left it that ended so, behind the `#endif` at `at`.
    fn go_on(&mut self, ending: Ending<'a>, at: usize) {
        if ending.closed {
            return self.finish(at);
        }
        self.depth = ending.depth;
        if let Some(started) = ending.open {
            let from = self.tokens[started.start].at;
            let keep = self.items.list.partition_point(|item| item.span.start < from);
            self.items.list.truncate(keep);
            self.open = Some(started);
        } else if let Some(open) = self.open.as_mut() {
            open.head.extend(ending.tail);
            (open.body, open.braces) = ending.body;
        }
    }

    /// An item that began in the group and goes on behind it begins with the group's `#if`, if nothing stands between.
    fn widen(&mut self, group: &Group<'a>) {
        let Some(open) = self.open.as_mut().filter(|open| open.start > group.start && open.told.is_none()) else {
            return;
        };
        let between = self.items.list.get(group.items..).unwrap_or_default();
        if between.len() <= 1 && between.iter().all(|item| item.kind == ItemKind::Conditional) {
            self.items.list.truncate(group.items);
            open.start = group.start;
            open.branch = self.items.branches.arm(open.branch).map_or(0, |arm| arm.parent);
        }
    }
}
