//! Registration over the wire.
