//! Lists that name lists: what comes first, and what goes round in circles.

use crate::hash::{HashMap, HashSet};

/// Groups of nodes that reach each other, every group behind those that it names (Tarjan, without recursion).
pub(super) fn groups(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        index: vec![None; edges.len()],
        low: vec![0; edges.len()],
        on_stack: vec![false; edges.len()],
        ..Search::default()
    };
    for start in 0..edges.len() {
        if search.index.get(start) == Some(&None) {
            search.from(start, edges);
        }
    }
    search.groups
}

/// A circle within a group: the nodes in the order in which they name each other.
pub(super) fn circle(group: &[usize], edges: &[Vec<usize>]) -> Vec<usize> {
    let members: HashSet<usize> = group.iter().copied().collect();
    let mut path: Vec<usize> = group.iter().min().copied().into_iter().collect();
    let mut places: HashMap<usize, usize> = path.iter().map(|&node| (node, 0)).collect();
    while let Some(&last) = path.last() {
        let next = edges.get(last).and_then(|targets| targets.iter().find(|target| members.contains(target)));
        let Some(&next) = next else { break };
        if let Some(&start) = places.get(&next) {
            return path.split_off(start);
        }
        places.insert(next, path.len());
        path.push(next);
    }
    path
}

#[derive(Default)]
struct Search {
    counter: usize,
    index: Vec<Option<usize>>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    groups: Vec<Vec<usize>>,
}

impl Search {
    fn from(&mut self, start: usize, edges: &[Vec<usize>]) {
        let mut work = vec![(start, 0)];
        self.enter(start);
        while let Some((node, at)) = work.last_mut() {
            let node = *node;
            let target = edges.get(node).and_then(|targets| targets.get(*at)).copied();
            *at += 1;
            match target {
                Some(target) if self.index.get(target) == Some(&None) => {
                    self.enter(target);
                    work.push((target, 0));
                }
                Some(target) => {
                    if self.on_stack.get(target) == Some(&true)
                        && let Some(Some(index)) = self.index.get(target).copied()
                    {
                        self.lower(node, index);
                    }
                }
                None => {
                    work.pop();
                    let low = self.low.get(node).copied().unwrap_or(0);
                    if let Some(&(parent, _)) = work.last() {
                        self.lower(parent, low);
                    }
                    if self.index.get(node).copied().flatten() == Some(low) {
                        self.close(node);
                    }
                }
            }
        }
    }

    fn enter(&mut self, node: usize) {
        put(&mut self.index, node, Some(self.counter));
        put(&mut self.low, node, self.counter);
        put(&mut self.on_stack, node, true);
        self.counter += 1;
        self.stack.push(node);
    }

    fn lower(&mut self, node: usize, to: usize) {
        if let Some(low) = self.low.get_mut(node) {
            *low = to.min(*low);
        }
    }

    fn close(&mut self, node: usize) {
        let mut group = Vec::new();
        while let Some(member) = self.stack.pop() {
            put(&mut self.on_stack, member, false);
            group.push(member);
            if member == node {
                break;
            }
        }
        self.groups.push(group);
    }
}

fn put<T>(values: &mut [T], at: usize, value: T) {
    if let Some(slot) = values.get_mut(at) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_comes_behind_what_it_names() {
        let edges = vec![vec![1, 2], vec![2], vec![], vec![4], vec![3, 0]];
        assert_eq!(groups(&edges), [vec![2], vec![1], vec![0], vec![4, 3]]);
        assert_eq!(circle(&[4, 3], &edges), [3, 4]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let edges: Vec<Vec<usize>> =
            (0..100_000).map(|node| if node == 99_999 { vec![] } else { vec![node + 1] }).collect();
        assert_eq!(groups(&edges).len(), 100_000);
    }
}
