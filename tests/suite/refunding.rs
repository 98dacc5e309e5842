//! Refunds, suspense and books over the wire.
