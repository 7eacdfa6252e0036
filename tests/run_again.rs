//! The same series again, longer, elsewhere, beside another run, undone; which run is meant.
