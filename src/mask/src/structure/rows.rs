//! Rows of cells whose columns have names: what each column's name says, alone and beside the others.

use crate::keys::{Key, classify};
use crate::kind::Kind;
use crate::looks;

/// Most columns that are followed.
const MOST: usize = 256;

/// Columns that hold a person's name where others hold what persons have.
const PERSON: &[&str] = &[
    "name", "nombre", "nom", "nome", "naam", "navn", "namn", "imię", "имя", "ім'я", "名前", "氏名", "姓名",
    "이름",
];

/// The columns of a table.
#[derive(Debug, Default)]
pub(super) struct Columns<'a> {
    columns: Vec<(&'a str, Key)>,
    /// What the cell under `name` or `key` says of the one under `value` in the same row.
    sibling: Key,
}

impl<'a> Columns<'a> {
    pub(super) fn add(&mut self, name: &'a str) {
        if self.columns.len() < MOST {
            self.columns.push((name, classify(name)));
        }
    }

    /// Whether any column says something of its values.
    pub(super) fn telling(&self) -> bool {
        self.columns.iter().any(|(name, key)| *key != Key::Plain || is_value(name))
    }

    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// The name of the column at `place` and what it says of the cell there.
    pub(super) fn at(&self, place: usize) -> (&'a str, Key) {
        match self.columns.get(place) {
            Some((name, Key::Plain)) if is_value(name) => (name, self.sibling),
            Some(column) => *column,
            None => ("", Key::Plain),
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
        let personal = |key: Key| {
            matches!(
                key,
                Key::Holds(
                    Kind::Email
                        | Kind::Phone
                        | Kind::Name
                        | Kind::NationalId
                        | Kind::BirthDate
                        | Kind::BankAccount
                )
            )
        };
        if self.columns.iter().any(|(_, key)| personal(*key)) {
            for (name, key) in &mut self.columns {
                if *key == Key::Plain && PERSON.iter().any(|person| name.eq_ignore_ascii_case(person)) {
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
        if (place < evidence || nearest.is_none()) && looks::is_name(cell) {
            nearest = Some(place);
        }
    }
    nearest
}
