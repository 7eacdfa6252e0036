//! Groups of changed nodes that say the same (Spinfer, section 3.2): agglomerative, complete linkage, as many groups as the best
//! mean silhouette has.
//!
//! In: the weights of each node's patterns. Out: for each node the number of its group. The distance of two nodes is one minus the
//! cosine of their weights: nodes without a common pattern are 1 apart, which is as far as can be.
//!
//! ```text
//!   merge the two groups whose farthest members are nearest, until one is left;
//!   silhouette of a node = (b - a) / max(a, b):  a mean distance within its group, b to the nearest other group
//! ```

use super::weights::Weights;

/// With more nodes than this, those beyond form groups by equal weights only: distances are quadratic.
pub const MOST_NODES: usize = 400;

/// Distances nearer than this are the same: sums of the same numbers in another order differ in the last bits.
const SAME: f64 = 1e-9;

/// By node: the number of its group; groups count from 0 in order of their first nodes.
pub fn clusters(weights: &[Weights]) -> Vec<usize> {
    let few = &weights[..weights.len().min(MOST_NODES)];
    let distances = distances(few);
    let mut groups: Vec<usize> = (0..few.len()).collect();
    let mut best = (groups.clone(), silhouette(&distances, &groups));
    let mut between = distances.clone();
    while let Some((into, from)) = nearest(&between, &groups) {
        for group in groups.iter_mut().filter(|group| **group == from) {
            *group = into;
        }
        let joined: Vec<f64> = between[into].iter().zip(&between[from]).map(|(a, b)| a.max(*b)).collect();
        for (row, farthest) in between.iter_mut().zip(&joined) {
            row[into] = *farthest;
        }
        between[into] = joined;
        let score = silhouette(&distances, &groups);
        // Of equally good ones the coarsest: it is the later one.
        if score > best.1 - SAME {
            best = (groups.clone(), score);
        }
    }
    let mut found = best.0;
    for late in &weights[few.len()..] {
        let same = few.iter().position(|w| distance(w, late) < SAME);
        let new = found.len();
        found.push(same.map_or(new, |at| found[at]));
    }
    renumbered(&found)
}

/// Cosine distances of all pairs.
fn distances(weights: &[Weights]) -> Vec<Vec<f64>> {
    weights.iter().map(|a| weights.iter().map(|b| distance(a, b)).collect()).collect()
}

/// One minus the cosine; 1 if one of them is empty.
fn distance(a: &Weights, b: &Weights) -> f64 {
    let norm = |w: &Weights| w.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
    let (mut product, mut at) = (0.0, 0);
    for (pattern, weight) in a {
        while b.get(at).is_some_and(|(other, _)| other < pattern) {
            at += 1;
        }
        if let Some((_, other)) = b.get(at).filter(|(other, _)| other == pattern) {
            product += weight * other;
        }
    }
    let both = norm(a) * norm(b);
    if both > 0.0 { (1.0 - product / both).max(0.0) } else { 1.0 }
}

/// The two groups with the least distance between their farthest members; the first of equals. Nothing is left to merge
/// when all pairs have nothing in common.
fn nearest(between: &[Vec<f64>], groups: &[usize]) -> Option<(usize, usize)> {
    let alive: Vec<usize> = (0..groups.len()).filter(|at| groups.contains(at)).collect();
    let mut found: Option<(f64, usize, usize)> = None;
    for (index, a) in alive.iter().enumerate() {
        for b in &alive[index + 1..] {
            let gap = between[*a][*b];
            if gap < 1.0 - SAME && found.is_none_or(|(least, ..)| gap < least - SAME) {
                found = Some((gap, *a, *b));
            }
        }
    }
    found.map(|(_, a, b)| (a, b))
}

/// The mean silhouette; a node alone in its group has 0, and so has everything if there is one group.
fn silhouette(distances: &[Vec<f64>], groups: &[usize]) -> f64 {
    let mut total = 0.0;
    for (at, own) in groups.iter().enumerate() {
        let mut sums = vec![(0.0_f64, 0.0_f64); groups.len()];
        for (other, group) in groups.iter().enumerate().filter(|(other, _)| *other != at) {
            sums[*group].0 += distances[at][other];
            sums[*group].1 += 1.0;
        }
        let mean = |(sum, count): (f64, f64)| sum / count;
        if sums[*own].1 == 0.0 {
            continue;
        }
        let within = mean(sums[*own]);
        let others = sums.iter().enumerate().filter(|(group, sum)| group != own && sum.1 > 0.0);
        let Some(beside) = others.map(|(_, sum)| mean(*sum)).reduce(f64::min) else { continue };
        let most = within.max(beside);
        if most > 0.0 {
            total += (beside - within) / most;
        }
    }
    total
}

/// The same groups, counted from 0 in order of their first nodes.
fn renumbered(groups: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    let number = |group: &usize| {
        order.iter().position(|known| known == group).unwrap_or_else(|| {
            order.push(*group);
            order.len() - 1
        })
    };
    groups.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SF-05: three functions with four kinds of nodes; within a kind they share its pattern, and each has one of its own.
    #[test]
    fn nodes_that_share_their_weightiest_pattern_are_one_group() {
        let mut nodes = Vec::new();
        for function in 0..3 {
            for kind in 0..4 {
                nodes.push(vec![(kind, 2.4), (100 + function * 4 + kind, 0.8)]);
            }
        }
        let found = clusters(&nodes);
        assert_eq!(found, [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    }

    /// SF-05: the number of groups is the silhouette's, not a given one.
    #[test]
    fn two_near_kinds_stay_apart_when_each_is_nearer_to_itself() {
        let nodes =
            [vec![(0, 1.0), (1, 2.0)], vec![(0, 1.0), (1, 2.0)], vec![(0, 1.0), (2, 2.0)], vec![(0, 1.0), (2, 2.0)]];
        assert_eq!(clusters(&nodes), [0, 0, 1, 1]);
    }

    #[test]
    fn what_shares_nothing_is_never_grouped() {
        assert_eq!(clusters(&[vec![(0, 1.0)], vec![(1, 1.0)]]), [0, 1]);
        assert!(clusters(&[]).is_empty());
        assert_eq!(clusters(&[vec![], vec![(0, 1.0)]]), [0, 1]);
    }

    #[test]
    fn beyond_the_cap_equal_weights_still_find_each_other() {
        let nodes: Vec<Weights> = (0..MOST_NODES + 50).map(|at| vec![(at % 3, 1.0)]).collect();
        let found = clusters(&nodes);
        assert_eq!(found.iter().max(), Some(&2));
        assert_eq!(found[MOST_NODES + 1], (MOST_NODES + 1) % 3);
    }
}
