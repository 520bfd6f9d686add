//! Evidence: how well the readers do, on which films, with what uncertainty.

pub mod audit;
pub mod documents;
pub mod evidence;
pub mod metrics;
pub mod plots;
pub mod texture;
