//! How objects come in: what the index asks of a repository, and nothing more. In: ids. Out: a tree's entries, a blob's bytes.

/// Longest id of an object, in bytes (sha256).
const LONGEST: usize = 32;

/// An object's id: 20 (sha1) or 32 (sha256) opaque bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    bytes: [u8; LONGEST],
    len: u8,
}

impl Id {
    /// From raw bytes; `None` if there are more than 32.
    pub fn new(raw: &[u8]) -> Option<Self> {
        let mut bytes = [0; LONGEST];
        bytes.get_mut(..raw.len())?.copy_from_slice(raw);
        Some(Self { bytes, len: u8::try_from(raw.len()).ok()? })
    }

    /// The raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl std::fmt::Debug for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_bytes().iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

/// What an entry of a tree names. Links and submodules hold no code and are left out by whoever implements [`Read`], or said to
/// be `Other`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// Anything else.
    Other,
}

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// One path component.
    pub name: Vec<u8>,
    /// What it names.
    pub sort: Sort,
    /// Blob or tree.
    pub id: Id,
}

/// Reads objects, for one thread.
pub trait Read {
    /// The repository failing: an object missing or damaged.
    type Error: Send;

    /// The entries of a tree, in its own order.
    ///
    /// # Errors
    /// The tree is missing or damaged.
    fn tree(&mut self, id: &Id) -> Result<Vec<Entry>, Self::Error>;

    /// Shows the content of a blob; called once for each, so a cache is of no use.
    ///
    /// # Errors
    /// The blob is missing or damaged.
    fn blob(&mut self, id: &Id, see: &mut dyn FnMut(&[u8])) -> Result<(), Self::Error>;
}
