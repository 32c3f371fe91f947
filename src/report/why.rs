//! How one SKU's numbers came to be.
