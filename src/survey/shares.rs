//! One list, several threads. In: a list, and the work on a part of it. Out: the answers, in the order of the list, whichever
//! thread was first.

use crate::error::Result;
use crate::git::{Place, Store, Writes};

/// Threads that a list is shared out among.
const THREADS: usize = 2;

/// Has each part of a list worked on, on a thread of its own and with a store of its own.
///
/// # Errors
/// A store cannot be opened, or the first error of the work, by the order of the list.
pub fn shared_out<T: Sync, R: Send>(
    place: &Place,
    list: &[T],
    work: impl Fn(Store, &[T]) -> Result<Vec<R>> + Sync,
) -> Result<Vec<R>> {
    let share = list.len().div_ceil(THREADS).max(1);
    let work = &work;
    let shares = std::thread::scope(|scope| {
        let start = |part| scope.spawn(move || work(Store::open(place.clone(), Writes::Nowhere)?, part));
        let threads: Vec<_> = list.chunks(share).map(start).collect();
        let join = |t: std::thread::ScopedJoinHandle<'_, _>| t.join().expect("the work on a share does not panic");
        threads.into_iter().map(join).collect::<Result<Vec<Vec<R>>>>()
    });
    Ok(shares?.into_iter().flatten().collect())
}
