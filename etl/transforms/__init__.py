"""Pure transformations: frames in, frames out; no database, file or network."""
