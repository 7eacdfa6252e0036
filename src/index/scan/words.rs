//! The names of one file while it is read: each once, with what it is there. In: occurrences and definitions, in any order. Out:
//! names and kinds, in an order that the text alone decides.

use crate::index::kind::{Kind, Kinds};
use crate::index::name::Name;

/// Slots at the beginning; most files have fewer than a thousand names.
const SLOTS: usize = 1 << 12;

/// Slots above which a table is not kept for the next file: a large one does not fit the processor's caches.
const KEPT: usize = 1 << 14;

/// A name, how often it occurs apart from its definitions, and as what it is defined.
#[derive(Clone, Copy)]
struct Slot {
    /// The name's number, or [`EMPTY`].
    name: u64,
    uses: i32,
    kinds: Kinds,
}

/// More than 56 bits: no name.
const EMPTY: Slot = Slot { name: u64::MAX, uses: 0, kinds: Kinds::NONE };

/// The names of one file: a hash table with linear probing that is emptied, not freed, between files.
pub(crate) struct Words {
    slots: Vec<Slot>,
    /// The slots in use, in the order of first occurrence.
    used: Vec<u32>,
}

impl Words {
    /// No names.
    pub(crate) fn new() -> Self {
        Self { slots: vec![EMPTY; SLOTS], used: Vec::new() }
    }

    /// The name occurs.
    #[inline]
    pub(crate) fn saw(&mut self, name: Name) {
        let slot = self.slot(name);
        slot.uses = slot.uses.saturating_add(1);
    }

    /// An occurrence that was counted defines the name.
    pub(crate) fn defines(&mut self, name: Name, kind: Kind) {
        let slot = self.slot(name);
        slot.uses = slot.uses.saturating_sub(1);
        slot.kinds.insert(kind as u8);
    }

    /// An occurrence that was counted is no name after all.
    pub(crate) fn was_none(&mut self, name: Name) {
        let slot = self.slot(name);
        slot.uses = slot.uses.saturating_sub(1);
    }

    /// The name is defined without being written (`sys_x` by `SYSCALL_DEFINE1(x`).
    pub(crate) fn implies(&mut self, name: Name, kind: Kind) {
        self.slot(name).kinds.insert(kind as u8);
    }

    /// The name's slot, a new one if need be.
    #[inline]
    fn slot(&mut self, name: Name) -> &mut Slot {
        if self.used.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = name.0 as usize & mask;
        while self.slots[at].name != name.0 {
            if self.slots[at].name == EMPTY.name {
                self.slots[at].name = name.0;
                self.used.push(at as u32);
                break;
            }
            at = (at + 1) & mask;
        }
        &mut self.slots[at]
    }

    /// Doubles the table, and keeps the order of first occurrence.
    #[cold]
    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; size]);
        for at in &mut self.used {
            let slot = old[*at as usize];
            let mut to = slot.name as usize & (size - 1);
            while self.slots[to].name != EMPTY.name {
                to = (to + 1) & (size - 1);
            }
            self.slots[to] = slot;
            *at = to as u32;
        }
    }

    /// Hands out all names with what they are, and forgets them.
    pub(crate) fn drain(&mut self, mut take: impl FnMut(Name, Kinds)) {
        for at in self.used.drain(..) {
            let slot = std::mem::replace(&mut self.slots[at as usize], EMPTY);
            let mut kinds = slot.kinds;
            if slot.uses > 0 {
                kinds.insert(Kinds::USED);
            }
            if !super::keyword::is_keyword(Name(slot.name)) && kinds != Kinds::NONE {
                take(Name(slot.name), kinds);
            }
        }
        if self.slots.len() > KEPT {
            self.slots = vec![EMPTY; SLOTS];
        }
    }
}
