//! FF-ITF: how well a pattern characterises a change (Spinfer, section 3.2), and which nodes are noise.
//!
//! In: for every changed node the function that it is in and the patterns that match it. Out: weights. A pattern that is in
//! many functions but seldom within one weighs most:
//!
//! ```text
//!   FF(A)     = functions with A / functions
//!   ITF(A, f) = ln(changed nodes of f / nodes of f with A) + 1
//!   w(A, f)   = FF(A) * ITF(A, f)
//!   init_timer(&E)   in all functions, once each         4 nodes: 1 * (ln 4 + 1) = 2.39
//!   E;               in all functions, in every node     4 nodes: 1 * (ln 1 + 1) = 1
//!   init_timer(&n)   in one of four functions            4 nodes: 1/4 * (ln 4 + 1) = 0.60
//! ```

use std::collections::BTreeMap;

/// How many standard deviations below the mean of the best weights a node's best weight may be; the paper says "slightly less
/// than 3".
pub const NOISE_DEVIATIONS: f64 = 2.9;

/// A changed node as the weights see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The number of its function.
    pub function: usize,
    /// The patterns that match it, ascending.
    pub patterns: Vec<usize>,
}

/// A sparse vector: pattern to weight, ascending.
pub type Weights = Vec<(usize, f64)>;

/// The weights of each node's patterns.
pub fn weigh(nodes: &[Seen]) -> Vec<Weights> {
    let mut nodes_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut with: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut functions_with: BTreeMap<usize, usize> = BTreeMap::new();
    for node in nodes {
        *nodes_of.entry(node.function).or_default() += 1;
        for pattern in &node.patterns {
            let count = with.entry((node.function, *pattern)).or_default();
            *count += 1;
            if *count == 1 {
                *functions_with.entry(*pattern).or_default() += 1;
            }
        }
    }
    let weight = |node: &Seen, pattern: usize| {
        let frequency = ratio(functions_with[&pattern], nodes_of.len());
        frequency * (ratio(nodes_of[&node.function], with[&(node.function, pattern)]).ln() + 1.0)
    };
    nodes.iter().map(|node| node.patterns.iter().map(|pattern| (*pattern, weight(node, *pattern))).collect()).collect()
}

/// For each node, whether it is noise: its best weight is too far below the mean of the best weights.
pub fn noise(weights: &[Weights]) -> Vec<bool> {
    let best: Vec<f64> = weights.iter().map(|w| w.iter().map(|(_, weight)| *weight).fold(0.0, f64::max)).collect();
    let count = ratio(best.len().max(1), 1);
    let mean = best.iter().sum::<f64>() / count;
    let deviation = (best.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / count).sqrt();
    best.iter().map(|b| mean - b > NOISE_DEVIATIONS * deviation && deviation > 0.0).collect()
}

/// One count by another; counts of nodes are far below 2^32.
fn ratio(over: usize, under: usize) -> f64 {
    let narrow = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    narrow(over) / narrow(under)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SF-03: the example of the paper's section 3.2, four functions with four changed nodes each.
    #[test]
    fn a_call_with_its_local_abstracted_weighs_more_than_any_statement_and_than_the_call_as_it_stands() {
        let (any, call, exact) = (0, 1, 2);
        let mut nodes = Vec::new();
        for function in 0..4 {
            let first = if function == 0 { vec![any, call, exact] } else { vec![any, call] };
            nodes.push(Seen { function, patterns: first });
            nodes.extend((0..3).map(|_| Seen { function, patterns: vec![any] }));
        }
        let weights = &weigh(&nodes)[0];
        let of = |pattern: usize| weights.iter().find(|(p, _)| *p == pattern).expect("it is in the node").1;
        assert!((of(call) - 2.386).abs() < 0.001 && (of(any) - 1.0).abs() < 0.001 && (of(exact) - 0.597).abs() < 0.001);
        assert!(weights.iter().all(|(pattern, weight)| *pattern == call || *weight < of(call)));
    }

    /// SF-04.
    #[test]
    fn one_statement_that_only_one_of_ten_functions_changed_is_noise_and_nothing_else_is() {
        let mut nodes = Vec::new();
        for function in 0..10 {
            nodes.extend((0..3).map(|pattern| Seen { function, patterns: vec![pattern] }));
        }
        nodes.push(Seen { function: 4, patterns: vec![9] });
        let found = noise(&weigh(&nodes));
        assert_eq!(found.iter().position(|n| *n), Some(30));
        assert_eq!(found.iter().filter(|n| **n).count(), 1);
    }

    /// SF-04: with equal weights the deviation is zero, and nothing is dropped.
    #[test]
    fn where_all_nodes_weigh_the_same_none_is_noise() {
        let nodes: Vec<Seen> = (0..4).map(|function| Seen { function, patterns: vec![0] }).collect();
        assert_eq!(noise(&weigh(&nodes)), [false; 4]);
        assert!(noise(&[]).is_empty());
    }
}
