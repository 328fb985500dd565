//! Change the generator or go on: settings (renderings, model sizes) against each other.
