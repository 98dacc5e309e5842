//! Databases, migrations, units of work, event log, cursors and request ids; knows no domain.
