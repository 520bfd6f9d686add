//! The SIMD kernels allocate nothing once they have run.
#![allow(clippy::unwrap_used)]
// A counting allocator needs unsafe code.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use covid_classifier::network::{Network, Output, SimdNetwork};
use covid_classifier::{Model, convnet};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is forwarded to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_run_allocates_nothing() {
    let model = Model::read_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/models")).unwrap();
    for (network, weights) in
        [(Network::lungs(), model.lungs), (Network::convnet(convnet::SIDE), model.convnet)]
    {
        let plane = vec![0.5; network.side * network.side];
        let mut packed = SimdNetwork::new(network, &weights).unwrap();
        let mut output = Output::default();
        let before = COUNT.load(Ordering::Relaxed);
        packed.run(&plane, &mut output).unwrap();
        let first = COUNT.load(Ordering::Relaxed);
        for _ in 0..3 {
            packed.run(&plane, &mut output).unwrap();
        }
        assert!(first > before, "the first run makes room");
        assert_eq!(COUNT.load(Ordering::Relaxed), first);
    }
}
