//! Reports that people read: a value in, bytes out.
