//! Rows of cells whose columns have names: what each column's name says, alone and beside the others. Rows of JSON arrays
//! are the same: their first one, or a list called `columns` or `fields` before them, names the columns (Google Sheets,
//! BigQuery, Snowflake, `DataFrame.to_json` in the form `split`).

use std::borrow::Cow;

use crate::keys::{Key, Noun, classify, inside, is_letter, noun};
use crate::kind::Kind;
use crate::looks;

/// Most columns that are followed.
const MOST: usize = 256;

/// Longest name of a column.
pub(super) const LONGEST_NAME: usize = 48;

/// The columns of a table.
#[derive(Debug, Default)]
pub(super) struct Columns<'a> {
    columns: Vec<(Cow<'a, str>, Key)>,
    /// What the cell under `name` or `key` says of the one under `value` in the same row.
    sibling: Key,
}

impl<'a> Columns<'a> {
    pub(super) fn add(&mut self, name: impl Into<Cow<'a, str>>) {
        if self.columns.len() < MOST {
            let name = name.into();
            let key = classify(&name);
            self.columns.push((name, key));
        }
    }

    /// Whether any column says something of its values.
    pub(super) fn telling(&self) -> bool {
        self.columns.iter().any(|(name, key)| !matches!(key, Key::Plain | Key::Name) || is_value(name))
    }

    /// The same with names of its own.
    pub(super) fn into_owned(self) -> Columns<'static> {
        let own = |(name, key): (Cow<'_, str>, Key)| (Cow::Owned(name.into_owned()), key);
        Columns { columns: self.columns.into_iter().map(own).collect(), sibling: self.sibling }
    }

    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// The name of the column at `place` and what it says of the cell there.
    pub(super) fn at(&self, place: usize) -> (Cow<'a, str>, Key) {
        match self.columns.get(place) {
            Some((name, key)) => {
                (name.clone(), if *key == Key::Plain && is_value(name) { self.sibling } else { *key })
            }
            None => (Cow::Borrowed(""), Key::Plain),
        }
    }

    /// Sees the cell at `place`, which may say what the ones after it are.
    pub(super) fn see(&mut self, place: usize, cell: &str) {
        if place == 0 {
            self.sibling = Key::Plain;
        }
        if self.columns.get(place).is_some_and(|(name, _)| is_name(name)) {
            self.sibling = classify(cell);
        }
    }

    /// All columns are known; those that mean something only beside others get their meaning.
    pub(super) fn settle(&mut self) {
        if self.columns.iter().any(|(name, _)| inside("", name).is_personal()) {
            for (name, key) in &mut self.columns {
                // `product[name]` says itself whose it is.
                let around = name.rsplit_once(['[', '.']).map_or("", |(around, _)| around);
                if *key == Key::Name && noun(around) != Noun::Thing {
                    *key = Key::Holds(Kind::Name);
                }
            }
        }
    }
}

fn is_name(column: &str) -> bool {
    ["name", "key", "setting", "parameter"].iter().any(|name| column.eq_ignore_ascii_case(name))
}

fn is_value(column: &str) -> bool {
    ["value", "val", "content", "setting_value"].iter().any(|name| column.eq_ignore_ascii_case(name))
}

/// The place of the person's name in a row without column names: the words nearest before an e-mail address or an account
/// number, or after it where none is before.
pub(super) fn name_in<'a>(row: impl Iterator<Item = &'a str> + Clone) -> Option<usize> {
    let evidence = row
        .clone()
        .position(|cell| cell.contains('@') && !cell.contains([' ', '[', '/']) && cell.contains('.'))?;
    let mut nearest = None;
    for (place, cell) in row.enumerate() {
        if (place < evidence || nearest.is_none()) && looks::person(cell, 2) {
            nearest = Some(place);
        }
    }
    nearest
}

/// Whether `name` may name a column: up to four words that begin with a letter.
pub(super) fn is_column(name: &str) -> bool {
    name.starts_with(|c: char| (is_letter(c) && !c.is_ascii_digit()) || c == '_' || c == '#')
        && name.len() <= LONGEST_NAME
        && name
            .chars()
            .all(|c| is_letter(c) || matches!(c, '_' | '-' | '.' | ' ' | '/' | '(' | ')' | '#' | '\''))
        && name.split(' ').count() <= 4
        && !looks::random(name)
}

/// What a JSON array is as a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Row {
    /// Nothing known.
    #[default]
    Plain,
    /// Its elements have the columns' names.
    Columns,
    /// The element at this place is a person's name.
    NameAt(usize),
    /// A name and its value, of which the name says this.
    Pair(Key),
    /// Its elements, or their members called `name`, name the columns of what follows.
    Names,
}

/// The columns that the document named last.
#[derive(Debug, Default)]
pub(super) struct Table {
    columns: Columns<'static>,
    /// Where the array of rows begins whose first one named the columns; nothing where a list did.
    rows: Option<usize>,
    /// Whether they are the placeholders' of a statement.
    statement: bool,
    /// Whether the array holds pairs of a name and a value.
    pairs: bool,
}

impl Table {
    /// What the array is that has these `cells` (none where it does not hold only plain values) under `name`; `within` says
    /// where the array of arrays begins that it is in, and how many come before it.
    pub(super) fn row(
        &mut self,
        name: &str,
        within: Option<(usize, usize)>,
        cells: Option<&[Cow<'_, str>]>,
    ) -> Row {
        let name = name.trim_start_matches('.');
        let lists = matches!(name, "fields" | "columns" | "schema" | "rowType" | "header" | "headers");
        let Some(cells) = cells else {
            self.pairs = matches!(name, "headers" | "header" | "cookies" | "env" | "environment" | "query");
            if lists && !self.pairs {
                *self = Self::default();
                return Row::Names;
            }
            return if matches!(name, "f" | "cells") { Row::Columns } else { Row::Plain };
        };
        if let [name, value] = cells
            && within.is_some()
            && (self.pairs || !is_column(value))
        {
            let key = classify(name);
            if key != Key::Plain {
                return Row::Pair(key);
            }
        }
        let listed = self.rows.is_none() && cells.len() == self.columns.len();
        let first = within.is_some_and(|(_, before)| before == 0) && !listed;
        // A row of names that tell is no row of values, and the first such names the columns.
        if (lists || within.is_some()) && cells.len() > 1 && cells.iter().all(|cell| is_column(cell)) {
            let mut columns = Columns::default();
            for cell in cells {
                columns.add(cell.clone().into_owned());
            }
            columns.settle();
            if lists || (first && columns.telling()) {
                *self = Self { columns, rows: within.map(|(start, _)| start), ..Self::default() };
                return Row::Plain;
            }
            if columns.telling() && !listed {
                return Row::Plain;
            }
        }
        let named = listed || self.rows == within.map(|(start, _)| start);
        let parameters = self.statement
            && matches!(name, "params" | "parameters" | "args" | "values" | "bindings" | "binds" | "bind");
        if (within.is_some() || parameters) && named && cells.len() == self.columns.len() {
            return Row::Columns;
        }
        match name_in(cells.iter().map(AsRef::as_ref)) {
            Some(place) => Row::NameAt(place),
            None => Row::Plain,
        }
    }

    /// What the element at `place` of a row is; nothing where the row does not say.
    pub(super) fn key(&self, row: Row, place: usize) -> Option<Key> {
        match row {
            Row::Columns => Some(self.columns.at(place).1).filter(|key| *key != Key::Plain),
            Row::Pair(key) => (place == 1).then_some(key),
            Row::NameAt(name) => (name == place).then_some(Key::Holds(Kind::Name)),
            Row::Plain | Row::Names => None,
        }
    }

    /// The name of the column that the element at `place` of a row is in.
    pub(super) fn column(&self, row: Row, place: usize) -> Option<Cow<'static, str>> {
        (row == Row::Columns).then(|| self.columns.at(place).0)
    }

    /// Sees the element at `place` of a row.
    pub(super) fn see(&mut self, row: Row, place: usize, cell: &str) {
        match row {
            Row::Columns => self.columns.see(place, cell),
            Row::Plain | Row::NameAt(_) | Row::Pair(_) | Row::Names => {}
        }
    }

    /// Sees what the placeholders of a statement stand for.
    pub(super) fn statement(&mut self, columns: Columns<'static>) {
        *self = Self { columns, statement: true, ..Self::default() };
    }

    /// Sees a name of a column.
    pub(super) fn name(&mut self, name: &str) {
        self.columns.add(name.to_owned());
        self.columns.settle();
    }
}
