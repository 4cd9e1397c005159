//! How many connections there may be at once, in all and from one address: one peer cannot take the others' place.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// The places there are.
#[derive(Clone, Debug)]
pub(super) struct Room {
    all: usize,
    each: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One connection's place; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    source: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Room {
    pub(super) fn new(all: usize, each: usize) -> Self {
        Self { all, each, taken: Arc::default() }
    }

    /// A place for a connection from `source`; `None` where there is none.
    pub(super) fn enter(&self, source: IpAddr) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.values().sum::<usize>() >= self.all {
            return None;
        }
        let mine = taken.entry(source).or_default();
        if *mine >= self.each {
            return None;
        }
        *mine += 1;
        Some(Place { source, taken: self.taken.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = taken.get_mut(&self.source) {
            *mine -= 1;
            if *mine == 0 {
                taken.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Room;

    #[test]
    fn one_address_cannot_take_every_place() {
        let room = Room::new(3, 2);
        let (one, other) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let (first, second) = (room.enter(one), room.enter(one));
        assert!(first.is_some() && second.is_some() && room.enter(one).is_none());
        let third = room.enter(other);
        assert!(third.is_some() && room.enter(other).is_none(), "more places than there are");
        drop(first);
        assert!(room.enter(other).is_some());
    }
}
