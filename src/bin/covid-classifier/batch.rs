//! Many films at once: read by several threads, written by one, with never more on the way than a bounded number.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Failure;

/// So many films per thread may be on the way: while one takes long, so many others are read before they wait for it.
const AHEAD: usize = 64;

enum Message<T> {
    Done(usize, T),
    /// A thread cannot go on.
    Stopped(Failure),
    /// There are no more items than those on the way.
    CutShort(Failure),
}

/// How a batch is worked on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    /// Threads.
    pub(crate) jobs: usize,
    /// Whether results come in the order of the items, or as they are done.
    pub(crate) in_order: bool,
}

/// Works on `items` in threads of their own and gives what comes of them to `write`, here. `start` makes what works, in
/// each thread that gets something to do; the items are taken in one further thread, as long as few enough are on the way.
///
/// # Errors
/// The first failure of `write` or of a thread, at once; one of the items, after all before it were written. Threads may be
/// at work then, or wait for an item: they end with the process.
pub(crate) fn run<I, T, W>(
    items: impl Iterator<Item = Result<I, Failure>> + Send + 'static,
    order: Order,
    start: impl Fn() -> Result<W, Failure> + Send + Sync + 'static,
    mut write: impl FnMut(T) -> Result<(), Failure>,
) -> Result<(), Failure>
where
    I: Send + 'static,
    T: Send + 'static,
    W: FnMut(I) -> Result<T, Failure> + 'static,
{
    let jobs = order.jobs.max(1);
    let (permits, given_back) = mpsc::sync_channel(AHEAD * jobs);
    let (results, arrived) = mpsc::channel();
    let (tasks, waiting) = mpsc::channel();
    let (waiting, start) = (Arc::new(Mutex::new(waiting)), Arc::new(start));
    for _ in 0..jobs {
        let (waiting, start, results) = (Arc::clone(&waiting), Arc::clone(&start), results.clone());
        std::thread::Builder::new().spawn(move || work(&waiting, &*start, &results))?;
    }
    std::thread::Builder::new().spawn(move || hand_out(items, &permits, &tasks, &results))?;

    let (mut cut_short, mut next, mut early) = (None, 0, BTreeMap::new());
    for message in arrived {
        match message {
            Message::Done(number, done) if order.in_order => {
                early.insert(number, done);
                while let Some(done) = early.remove(&next) {
                    next += 1;
                    write(done)?;
                    let _ = given_back.recv();
                }
            }
            Message::Done(_, done) => {
                write(done)?;
                let _ = given_back.recv();
            }
            Message::Stopped(failure) => return Err(failure),
            Message::CutShort(failure) => cut_short = Some(failure),
        }
    }
    cut_short.map_or(Ok(()), Err)
}

fn hand_out<I, T>(
    items: impl Iterator<Item = Result<I, Failure>>,
    permits: &SyncSender<()>,
    tasks: &Sender<(usize, I)>,
    results: &Sender<Message<T>>,
) {
    for (number, item) in items.enumerate() {
        let handed_out = match item {
            Ok(item) => permits.send(()).is_ok() && tasks.send((number, item)).is_ok(),
            Err(failure) => {
                let _ = results.send(Message::CutShort(failure));
                false
            }
        };
        if !handed_out {
            return;
        }
    }
}

fn work<I, T, W: FnMut(I) -> Result<T, Failure>>(
    waiting: &Mutex<Receiver<(usize, I)>>,
    start: &impl Fn() -> Result<W, Failure>,
    results: &Sender<Message<T>>,
) {
    let mut worker = None;
    loop {
        let Ok((number, item)) = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv() else {
            return;
        };
        let ready = match &mut worker {
            Some(ready) => Ok(ready),
            None => start().map(|started| worker.insert(started)),
        };
        let message = match ready.and_then(|ready| ready(item)) {
            Ok(done) => Message::Done(number, done),
            Err(failure) => Message::Stopped(failure),
        };
        let goes_on = matches!(message, Message::Done(..));
        if results.send(message).is_err() || !goes_on {
            return;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn numbers(count: usize) -> impl Iterator<Item = Result<usize, Failure>> + Send + 'static {
        (0..count).map(Ok)
    }

    fn order(jobs: usize, in_order: bool) -> Order {
        Order { jobs, in_order }
    }

    #[test]
    fn every_item_is_done_once_and_written_in_order() {
        for jobs in [1, 2, 5] {
            let mut written = Vec::new();
            // The first takes longest: all others that may be on the way are done before it.
            let start = || {
                Ok(|number: usize| {
                    std::thread::sleep(Duration::from_millis(if number == 0 { 50 } else { 0 }));
                    Ok(number)
                })
            };
            run(numbers(1000), order(jobs, true), start, |number| {
                written.push(number);
                Ok(())
            })
            .unwrap();
            assert_eq!(written, (0..1000).collect::<Vec<_>>());
            let mut written = Vec::new();
            run(numbers(1000), order(jobs, false), start, |number| {
                written.push(number);
                Ok(())
            })
            .unwrap();
            assert!(jobs == 1 || written[0] != 0, "it waited for the slow one");
            written.sort_unstable();
            assert_eq!(written, (0..1000).collect::<Vec<_>>());
        }
    }

    /// The items are endless: what is not bounded would not end.
    #[test]
    fn few_items_are_on_the_way() {
        static TAKEN: AtomicUsize = AtomicUsize::new(0);
        let endless = std::iter::repeat_with(|| Ok(TAKEN.fetch_add(1, Ordering::SeqCst)));
        let mut written = 0;
        let result = run(
            endless,
            order(2, true),
            || Ok(Ok),
            |_| {
                written += 1;
                std::thread::sleep(Duration::from_micros(100));
                let ahead = TAKEN.load(Ordering::SeqCst) - written;
                assert!(ahead <= 2 * AHEAD + 2, "{ahead} on the way");
                if written < 2000 { Ok(()) } else { Err("enough".into()) }
            },
        );
        assert_eq!(result.unwrap_err().to_string(), "enough");
    }

    #[test]
    fn a_thread_that_cannot_go_on_ends_the_batch_and_a_list_that_breaks_off_is_finished_first() {
        let start = || Ok(|number: usize| if number == 7 { Err("no room".into()) } else { Ok(number) });
        let failed = run(numbers(1000), order(2, true), start, |_: usize| Ok(()));
        assert_eq!(failed.unwrap_err().to_string(), "no room");
        let broken = numbers(300).chain([Err("broken".into())]);
        let mut written = 0;
        let failed = run(
            broken,
            order(3, false),
            || Ok(Ok),
            |_: usize| {
                written += 1;
                Ok(())
            },
        );
        assert_eq!((failed.unwrap_err().to_string().as_str(), written), ("broken", 300));
        let failed = run(
            numbers(3),
            order(2, true),
            || Err::<fn(usize) -> _, _>("no model".into()),
            |_: usize| Ok(()),
        );
        assert_eq!(failed.unwrap_err().to_string(), "no model");
    }
}
