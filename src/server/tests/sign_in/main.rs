//! Signing in with a real identity provider: npm's `oidc-provider`, over real HTTP.

#[cfg(test)]
mod browser;
#[cfg(test)]
mod device;
#[cfg(test)]
#[expect(dead_code, reason = "the pages' tests use all of it")]
#[path = "../people/driver.rs"]
mod driver;
#[cfg(test)]
mod filter;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod logout;
#[cfg(test)]
mod step_up;
#[cfg(test)]
mod support;
