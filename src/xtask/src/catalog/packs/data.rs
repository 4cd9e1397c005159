//! The pack of data platforms: Databricks, Snowflake.

use countersign_core::action::Class;

use super::super::rest::{From, PLAIN, Vendor};
use super::{DATABRICKS, SNOWFLAKE};

pub(super) const VENDORS: &[Vendor] = &[
    Vendor {
        service: "databricks.com",
        hosts: &[
            "*.cloud.databricks.com",
            "*.azuredatabricks.net",
            "*.databricks.azure.cn",
            "*.gcp.databricks.com",
            "*.cloud.databricks.us",
        ],
        package: DATABRICKS,
        under: "databricks/sdk/service/",
        from: From::Python,
        areas: &[
            ("/federation-polic", Class::PrivilegeChange),
            ("/access-control", Class::PrivilegeChange),
            ("/unity-catalog/shares", Class::PrivilegeChange),
            ("/unity-catalog/recipients", Class::PrivilegeChange),
            ("/unity-catalog/providers", Class::PrivilegeChange),
            ("/settings", Class::PrivilegeChange),
            ("/repos", Class::CodeChange),
            ("/git-credentials", Class::CredentialAccess),
            ("/clusters", Class::InfraChange),
            ("/instance-pools", Class::InfraChange),
            ("/policies/clusters", Class::InfraChange),
            ("/sql/warehouses", Class::InfraChange),
            ("/jobs", Class::InfraChange),
            ("/pipelines", Class::InfraChange),
            ("/serving-endpoints", Class::ModelChange),
            ("/mlflow", Class::ModelChange),
        ],
        ..PLAIN
    },
    Vendor {
        service: "snowflakecomputing.com",
        hosts: &["*.snowflakecomputing.com", "*.snowflakecomputing.cn"],
        package: SNOWFLAKE,
        under: "snowflake/core/",
        within: "/_generated/api/",
        from: From::Python,
        write: Class::InfraChange,
        areas: &[
            ("/users", Class::PrivilegeChange),
            ("/grants", Class::PrivilegeChange),
            ("/roles", Class::PrivilegeChange),
            ("/database-roles", Class::PrivilegeChange),
            ("/network-polic", Class::PrivilegeChange),
            ("/tables", Class::SchemaChange),
            ("/views", Class::SchemaChange),
            ("/schemas", Class::SchemaChange),
            ("/databases", Class::SchemaChange),
        ],
        ..PLAIN
    },
];
