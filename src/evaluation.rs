//! Evidence: how well the readers do, on which films, with what uncertainty.

pub mod metrics;
pub mod texture;
