//! Signing in with a real identity provider: npm's `oidc-provider`, over real HTTP.

#[cfg(test)]
mod device;
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
