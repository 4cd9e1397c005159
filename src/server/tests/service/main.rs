//! The approval service over its real routes and a real SQLite file, or a real PostgreSQL (`postgres::SWITCH`), with the clock in the tests' hands.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod decide;
#[cfg(test)]
mod deliver;
mod deliver_more;
#[cfg(test)]
mod glass;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod lease;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod outcome;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod redeem;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod restored;
#[cfg(test)]
mod revoke;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod standing;
#[cfg(test)]
mod start;
#[cfg(test)]
mod status;
#[cfg(test)]
mod submit;
#[cfg(test)]
mod support;
#[cfg(test)]
mod together;
#[cfg(test)]
mod vault;
#[cfg(test)]
mod wire;
