//! What a walk in program order knows of every name: the places that may have defined it.
//!
//! In come definitions, out go the places of a name. At a fork the walk can go back to what was known before, and gets what the
//! way it leaves has changed; that costs the changes, not the names:
//!
//! ```text
//!   known {a: 1, b: 2}   fork   set a: 7   set c: 8   back_to(fork) = {a: 7, c: 8}   known {a: 1, b: 2}
//! ```

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

/// The tokens that may have defined a name, ascending.
#[derive(Debug, Default)]
pub struct Defined {
    /// Token numbers.
    places: Vec<u32>,
    /// Whether a use was noted.
    used: Cell<bool>,
}

impl Defined {
    /// By one token.
    pub fn at(place: u32) -> Rc<Self> {
        Self::at_all(vec![place])
    }

    /// By several tokens, ascending.
    pub fn at_all(places: Vec<u32>) -> Rc<Self> {
        Rc::new(Self { places, used: Cell::new(false) })
    }

    /// The tokens.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// Whether nobody has asked this before.
    pub fn is_first_use(&self) -> bool {
        !self.used.replace(true)
    }
}

/// What is known by name, names being numbers.
pub struct Known {
    /// By name.
    now: Vec<Option<Rc<Defined>>>,
    /// What was overwritten, as long as a fork is open.
    undo: Vec<(u32, Option<Rc<Defined>>)>,
    /// How many forks are open.
    open: usize,
}

/// A point to go back to.
pub struct Fork {
    /// How long the undo list was.
    undo: usize,
}

impl Known {
    /// Nothing known of so many names.
    pub fn new(names: usize) -> Self {
        Self { now: vec![None; names], undo: Vec::new(), open: 0 }
    }

    /// What is known of a name.
    pub fn get(&self, name: u32) -> Option<Rc<Defined>> {
        self.now.get(name as usize).cloned().flatten()
    }

    /// From here on a name is defined there.
    pub fn set(&mut self, name: u32, defined: Rc<Defined>) {
        let Some(now) = self.now.get_mut(name as usize) else { return };
        let before = now.replace(defined);
        if self.open > 0 {
            self.undo.push((name, before));
        }
    }

    /// Remembers this point; forks close in reverse order.
    pub fn fork(&mut self) -> Fork {
        self.open += 1;
        Fork { undo: self.undo.len() }
    }

    /// Knows again what it knew at the fork; returns what was changed since, as it was at last.
    pub fn back_to(&mut self, fork: &Fork) -> HashMap<u32, Rc<Defined>> {
        let mut changed = HashMap::new();
        while self.undo.len() > fork.undo {
            let Some((name, before)) = self.undo.pop() else { break };
            let Some(now) = self.now.get_mut(name as usize) else { continue };
            // Newest first, so the first value met for a name is the one it had at last.
            if let Some(last) = std::mem::replace(now, before) {
                changed.entry(name).or_insert(last);
            }
        }
        changed
    }

    /// Nobody will go back to this fork.
    pub fn close(&mut self, _fork: Fork) {
        self.open = self.open.saturating_sub(1);
    }
}
