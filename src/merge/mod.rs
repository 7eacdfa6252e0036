//! Three-way merging on plain values: bytes in, bytes out; no repository, no clock.
//!
//! [`Sides`] and [`Change`] are the nouns that everything else speaks. [`Merged`] is a file cut into settled and open chunks,
//! [`delta`] compares two texts line by line, [`OpenLines`] remembers which lines of the tip stand only because of an open conflict.

pub mod delta;
mod evidence;
mod merged;
mod open_lines;
mod sides;

pub use evidence::Evidence;
pub use merged::{Chunk, Merged, marker_size};
pub use open_lines::OpenLines;
pub use sides::{Change, Sides};
