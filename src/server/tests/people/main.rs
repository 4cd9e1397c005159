//! The reviewer's side over its real routes, a real SQLite file, and a real browser.

#[cfg(test)]
mod after;
#[cfg(test)]
mod alike;
#[cfg(test)]
mod api;
#[cfg(test)]
mod axe;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod driver;
#[cfg(test)]
mod glass;
#[cfg(test)]
mod history;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod live;
#[cfg(test)]
mod login;
#[cfg(test)]
mod observed;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod reviews;
#[cfg(test)]
mod seed;
#[cfg(test)]
mod slack;
#[cfg(test)]
mod standing;
#[cfg(test)]
mod support;
#[cfg(test)]
mod teams;
