//! The numbers, by part of the world. Where two rows fit the same digits, the first that is believed names them.

mod america;
mod asia;
mod east;
mod north;
mod south;
mod west;
mod world;

use crate::detect::number::Number;

/// All tables, in the order they are tried.
pub(super) static ALL: [&[Number]; 7] =
    [west::ROWS, north::ROWS, east::ROWS, america::ROWS, asia::ROWS, south::ROWS, world::ROWS];

/// Words for "identity number" that stand near numbers of any state.
macro_rules! id {
    ($words:literal) => {
        concat!(
            $words,
            "|national id|id number|id no|id card|identity|identification|personal id|citizen|ssn|your id|my id"
        )
    };
}

/// Words for "tax number", the same.
macro_rules! tax {
    ($words:literal) => {
        concat!($words, "|tax id|tax no|tax number|tax code|taxpayer|tax file|tin|tax identification|fiscal")
    };
}

/// Words for "value added tax", the same.
macro_rules! vat {
    ($words:literal) => {
        concat!($words, "|vat|tax id|tax no|tax number|taxpayer|tin|company number|registration number")
    };
}

use {id, tax, vat};
