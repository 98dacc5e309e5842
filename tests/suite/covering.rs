//! Benefits over the wire.
