//! From a finding to a fix. In: what compilers and analysers report. Out, so far: [`read`], their messages as values.

pub mod read;
