//! The two nouns of the ground floor. They import nothing.

/// The three sides of a file or hunk that is carried onto a new kernel.
///
/// The names follow `git cherry-pick`: *ours is upstream* (the tip), *theirs is the out-of-tree patch*. MigGPT's s_old, s_new and
/// s_old' are base, ours and theirs; its s_new' is the resolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides<T> {
    /// The commit's parent.
    pub base: T,
    /// The tip: upstream plus what was carried already.
    pub ours: T,
    /// The commit.
    pub theirs: T,
}

impl<T> Sides<T> {
    /// The same question about each side.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Sides<U> {
        Sides { base: f(self.base), ours: f(self.ours), theirs: f(self.theirs) }
    }

    /// Borrows each side.
    pub fn as_ref(&self) -> Sides<&T> {
        Sides { base: &self.base, ours: &self.ours, theirs: &self.theirs }
    }

    /// The sides with their names, in diff3's order: ours, base, theirs.
    pub fn named(&self) -> [(&'static str, &T); 3] {
        [("ours", &self.ours), ("base", &self.base), ("theirs", &self.theirs)]
    }
}

impl<T, E> Sides<Result<T, E>> {
    /// All sides, or the first error.
    pub fn transpose(self) -> Result<Sides<T>, E> {
        Ok(Sides { base: self.base?, ours: self.ours?, theirs: self.theirs? })
    }
}

/// Before and after of one edit: upstream's own, or a patch's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change<T> {
    /// As it was.
    pub before: T,
    /// As it became.
    pub after: T,
}

/// The mode of a regular file, three-way; `None` if both sides changed it differently.
pub fn merged_mode(base: Option<u32>, ours: u32, theirs: u32) -> Option<u32> {
    match base {
        _ if ours == theirs => Some(ours),
        Some(base) if base == ours => Some(theirs),
        Some(base) if base == theirs => Some(ours),
        _ => None,
    }
}
