//! The filter in a real Envoy. What is asserted is what left the proxy and what the agent was told, never the order of
//! calls inside.

mod bypass;
mod shared;
