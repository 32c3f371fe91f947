//! Large blocks of memory in large pages, where the system is asked for that.
//!
//! A table of millions of rows is looked at out of order: with pages of 4 KiB, the processor looks for the page nearly as long as for what is
//! in it, and the kernel hands out hundreds of thousands of them one by one.
#![expect(unsafe_code, reason = "what hands out memory is called by unsafe functions")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::{c_int, c_void};

/// The system's own allocator, told what large blocks are for.
struct LargePages;

#[global_allocator]
static MEMORY: LargePages = LargePages;

/// What a large page holds.
const LARGE_PAGE_BYTES: usize = 2 << 20;
/// Blocks from this size on are worth the question.
const LARGE_BYTES: usize = 2 * LARGE_PAGE_BYTES;
/// Every size of page divides this.
const PAGE_BYTES: usize = 1 << 16;
const MADV_HUGEPAGE: c_int = 14;

unsafe extern "C" {
    fn madvise(start: *mut c_void, bytes: usize, advice: c_int) -> c_int;
}

// SAFETY: every block is the system's own; nothing but advice is added.
unsafe impl GlobalAlloc for LargePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        advised(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        advised(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise; the block came from the system with this layout.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        // SAFETY: the caller's promise; the block came from the system with this layout.
        advised(unsafe { System.realloc(block, layout, bytes) }, bytes)
    }
}

/// Says that a block is best in large pages. Whether it gets any is up to the system; nothing depends on it.
fn advised(block: *mut u8, bytes: usize) -> *mut u8 {
    if bytes >= LARGE_BYTES && !block.is_null() {
        let skip = block.align_offset(PAGE_BYTES);
        let whole = bytes.saturating_sub(skip) / PAGE_BYTES * PAGE_BYTES;
        // SAFETY: the range lies within the block, and this advice changes nothing that is in it.
        let _ = unsafe { madvise(block.wrapping_add(skip).cast(), whole, MADV_HUGEPAGE) };
    }
    block
}
