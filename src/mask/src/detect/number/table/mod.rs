//! The numbers, by part of the world. Where two rows fit the same digits, the first that is believed names them.

mod america;
mod asia;
mod east;
mod north;
mod south;
mod west;
mod world;

use crate::detect::number::Number;
use crate::detect::number::shape::Mould;

/// All tables, in the order they are tried.
const TABLES: [&[Number]; 7] =
    [west::ROWS, north::ROWS, east::ROWS, america::ROWS, asia::ROWS, south::ROWS, world::ROWS];

/// Every alternative of every shape, in the order they are tried.
pub(super) static MOULDS: [Mould; moulds(&mut [])] = {
    let mut all = [Mould::NONE; moulds(&mut [])];
    moulds(&mut all);
    all
};

/// Counts the alternatives, and writes them where there is room.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, where a wrong index is an error")]
#[expect(clippy::cast_possible_truncation, reason = "no table has so many rows")]
const fn moulds(into: &mut [Mould]) -> usize {
    let (mut count, mut table) = (0, 0);
    while table < TABLES.len() {
        let mut row = 0;
        while row < TABLES[table].len() {
            let shape = TABLES[table][row].shape;
            let mut start = 0;
            loop {
                if count < into.len() {
                    into[count] = Mould::of(shape, start, (table as u8, row as u8));
                }
                count += 1;
                while start < shape.len() && shape.as_bytes()[start] != b'|' {
                    start += 1;
                }
                if start == shape.len() {
                    break;
                }
                start += 1;
            }
            row += 1;
        }
        table += 1;
    }
    count
}

/// The number at a place of the tables.
pub(super) fn at((table, row): (u8, u8)) -> Option<&'static Number> {
    TABLES.get(usize::from(table))?.get(usize::from(row))
}

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
