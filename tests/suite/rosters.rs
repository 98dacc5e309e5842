//! Rosters, aid and finance over the wire.
