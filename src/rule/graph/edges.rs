//! The second pass from a syntax tree to a control-flow graph: where control goes from each statement.
//!
//! In: a [`Builder`] whose statements have their numbers. Out: the same with all edges. A stack on the heap holds what is open; what
//! stands behind a statement is known before it is looked into.
//!
//! ```text
//!   { s1; if (c) s2; s3; }     done(s1) = if, done(s2) = done(if) = s3, done(s3) = done(block)
//!   while (c) body             done(body) = the loop's head
//!   do body while (c);         done(body) = the `while`, which goes back into the body or on
//!   switch (e) { case 1: s }   the head goes to every case of its own; without `default` also on
//!   #if / #else                the directive goes into each arm, and on if there is no `#else`
//! ```

use super::build::{Builder, NONE, span};
use super::cfg::{Cfg, Kind};
use std::collections::BTreeMap;

/// A statement to connect, and where control goes from it.
#[derive(Clone, Copy)]
struct Way {
    /// Its tree index.
    at: usize,
    /// When it is done.
    done: usize,
    /// On `break`.
    breaks: usize,
    /// On `continue`.
    continues: usize,
    /// The head of the `switch` around it.
    switch: usize,
}

impl Builder<'_> {
    /// Draws all edges.
    pub fn connect(&mut self, body: usize) {
        let exit = self.nodes.len() - 1;
        let labels = self.labels();
        self.edge(Cfg::ENTRY, 1);
        self.edge(1, self.number[body]);
        let mut open = vec![Way { at: body, done: exit, breaks: exit, continues: exit, switch: NONE }];
        while let Some(way) = open.pop() {
            let id = self.number[way.at];
            match self.nodes[id].kind {
                Kind::If => self.connect_if(way, id, &mut open),
                Kind::Loop | Kind::Iterator => {
                    let inside = Way { done: id, breaks: way.done, continues: id, switch: NONE, ..way };
                    self.edge(id, way.done);
                    self.sequence(way.at, id, inside, &mut open);
                }
                Kind::Switch => self.connect_switch(way, id, &mut open),
                Kind::Block if self.node(way.at).kind == "do_statement" => self.connect_do(way, id, &mut open),
                Kind::Directive => self.connect_directive(way, id, &mut open),
                Kind::Case => self.connect_case(way, id, &mut open),
                Kind::Return => {
                    let last = way.done == exit && self.nodes[id].parent == 1;
                    self.nodes[id].kind = if last { Kind::LastReturn } else { Kind::Return };
                    self.edge(id, exit);
                }
                Kind::Jump => {
                    let to = self.jump(way, &labels).unwrap_or(exit);
                    self.edge(id, to);
                }
                Kind::Opaque | Kind::Statement | Kind::Declaration => self.edge(id, way.done),
                _ => self.sequence(way.at, id, way, &mut open),
            }
        }
        for (id, (done, has_default)) in std::mem::take(&mut self.switches) {
            if !has_default {
                self.edge(id, done);
            }
        }
    }

    /// From `id` through the parts of a statement one after another, as `inside` says, and on.
    fn sequence(&mut self, at: usize, id: usize, inside: Way, open: &mut Vec<Way>) {
        let parts = self.parts(at);
        let mut from = id;
        for (index, part) in parts.iter().enumerate() {
            if index == 0 {
                self.edge(from, self.number[*part]);
            }
            let done = parts.get(index + 1).map_or(inside.done, |next| self.number[*next]);
            open.push(Way { at: *part, done, ..inside });
            from = NONE;
        }
        if from != NONE {
            self.edge(from, inside.done);
        }
    }

    /// Both branches, or one and past it.
    fn connect_if(&mut self, way: Way, id: usize, open: &mut Vec<Way>) {
        let parts = self.parts(way.at);
        for part in &parts {
            self.edge(id, self.number[*part]);
            open.push(Way { at: *part, ..way });
        }
        if parts.len() < 2 {
            self.edge(id, way.done);
        }
    }

    /// The body, whose cases connect themselves to the head.
    fn connect_switch(&mut self, way: Way, id: usize, open: &mut Vec<Way>) {
        let inside = Way { breaks: way.done, switch: id, ..way };
        let parts = self.parts(way.at);
        open.extend(parts.into_iter().map(|part| Way { at: part, ..inside }));
        self.switches.insert(id, (way.done, false));
    }

    /// A case hangs on its `switch`.
    fn connect_case(&mut self, way: Way, id: usize, open: &mut Vec<Way>) {
        if let Some((_, has_default)) = self.switches.get_mut(&way.switch) {
            *has_default |= self.text[self.nodes[id].place.clone()].starts_with(b"default");
            self.edge(way.switch, id);
        }
        self.sequence(way.at, id, way, open);
    }

    /// The body first, then the question.
    fn connect_do(&mut self, way: Way, id: usize, open: &mut Vec<Way>) {
        let until = self.untils.get(&way.at).copied().unwrap_or(id);
        let body = Way { done: until, breaks: way.done, continues: until, switch: NONE, ..way };
        self.sequence(way.at, id, body, open);
        self.edge(until, id);
        self.edge(until, way.done);
    }

    /// Into the arm, and to the next arm or past the last one.
    fn connect_directive(&mut self, way: Way, id: usize, open: &mut Vec<Way>) {
        let parts = self.parts(way.at);
        let is_arm = |at: &usize| self.node(*at).field == Some("alternative");
        let (arms, own): (Vec<usize>, Vec<usize>) = parts.into_iter().partition(is_arm);
        self.edge(id, own.first().map_or(way.done, |first| self.number[*first]));
        for (index, part) in own.iter().enumerate() {
            let done = own.get(index + 1).map_or(way.done, |next| self.number[*next]);
            open.push(Way { at: *part, done, ..way });
        }
        for arm in &arms {
            self.edge(id, self.number[*arm]);
            open.push(Way { at: *arm, ..way });
        }
        if arms.is_empty() && matches!(self.node(way.at).kind, "preproc_if" | "preproc_ifdef" | "preproc_elif") {
            self.edge(id, way.done);
        }
    }

    /// Where a jump goes; `None` if nobody knows.
    fn jump(&self, way: Way, labels: &BTreeMap<Vec<u8>, usize>) -> Option<usize> {
        match self.node(way.at).kind {
            "break_statement" => Some(way.breaks),
            "continue_statement" => Some(way.continues),
            _ => {
                let label = self.tree.child(way.at, "label")?;
                labels.get(&self.text[span(self.tree, label)]).copied()
            }
        }
    }

    /// The labels of the function and their numbers.
    fn labels(&self) -> BTreeMap<Vec<u8>, usize> {
        let labels = self.nodes.iter().enumerate().filter(|(_, node)| node.kind == Kind::Label);
        labels
            .filter_map(|(id, node)| Some((self.tree.child(node.tree, "label")?, id)))
            .map(|(label, id)| (self.text[span(self.tree, label)].to_vec(), id))
            .collect()
    }

    /// An edge, once.
    fn edge(&mut self, from: usize, to: usize) {
        if !self.nodes[from].next.contains(&to) {
            self.nodes[from].next.push(to);
        }
    }
}
