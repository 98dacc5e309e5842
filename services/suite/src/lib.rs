//! All four departments in one process, and the canbao command line.
