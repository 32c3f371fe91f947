//! Maps and sets with a hash that is fast for short keys. It has another seed in each run, so that no order of theirs may reach
//! an output.

/// A map.
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

/// A set.
pub(crate) type HashSet<K> = std::collections::HashSet<K, foldhash::fast::RandomState>;
