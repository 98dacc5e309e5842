//! The suite in containers.
