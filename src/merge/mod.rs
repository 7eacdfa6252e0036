//! Three-way merging on plain values: bytes in, bytes out; no repository, no clock.
//!
//! [`Sides`] and [`Change`] are the nouns that everything else speaks. [`Merged`] is a file cut into settled and open chunks,
//! [`delta`] compares two texts line by line, [`OpenLines`] remembers which lines of the tip stand only because of an open conflict,
//! [`settlements`] tells what a person made of each conflict.

pub mod compose;
pub mod delta;
mod drift;
mod entries;
mod evidence;
pub mod line;
pub mod line_edit;
pub mod list;
pub mod mates;
mod merged;
mod open;
mod open_lines;
pub mod order;
mod settled;
mod sides;
pub mod surroundings;
mod symbols;
pub mod weave;

pub use drift::Drift;
pub use entries::{Listed, entries};
pub use evidence::{About, Doubt, Evidence, Remark};
pub use merged::{Chunk, LABELS, Merged, marker_size, marker_size_in};
pub use open::{Footing, Open, Proposal};
pub use open_lines::OpenLines;
pub use settled::{Beside, Settled, settled, settlements};
pub use sides::{Change, Sides, merged_mode};
