//! Paying, reporting and declaring over the wire.
