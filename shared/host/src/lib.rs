//! What every server does and no domain does: configuration, clock, authority, health, reflection, limits, drain, log readers.
