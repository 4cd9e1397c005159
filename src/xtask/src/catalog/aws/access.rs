//! The Service Authorization Reference: which action an operation needs, of what level, on which resources.

use countersign_core::action::Access;
use serde_json::Value;

use super::model::Model;

/// The whole reference.
#[derive(Default)]
pub(super) struct Reference {
    json: Value,
}

/// One action of it.
#[derive(Clone, Copy)]
pub(super) struct Action<'r> {
    json: &'r Value,
    /// The resources of its service.
    pub(super) resources: &'r Value,
}

impl Reference {
    pub(super) fn new(json: Value) -> Self {
        Self { json }
    }

    /// The action of the same name, under the name that requests are signed with or the service is reached by.
    pub(super) fn action(&self, model: &Model, operation: &str) -> Option<Action<'_>> {
        let first = model.prefix().rsplit('.').next().unwrap_or_default();
        [model.signing_name(), model.prefix(), &model.id, first].into_iter().find_map(|prefix| {
            let service = &self.json[prefix];
            let json = service["privileges"].get(alias(prefix, operation))?;
            Some(Action { json, resources: &service["resources"] })
        })
    }
}

impl<'r> Action<'r> {
    /// Its level.
    pub(super) fn access(self) -> Option<Access> {
        Some(match self.json["access_level"].as_str()? {
            "Read" => Access::Read,
            "List" => Access::List,
            "Write" => Access::Write,
            "Tagging" => Access::Tagging,
            "Permissions management" => Access::Permissions,
            _ => return None,
        })
    }

    /// The ARNs of the resources that it may be allowed on, those that it must be first.
    pub(super) fn arns(self) -> impl Iterator<Item = &'r str> {
        let types = |required: bool| {
            let types = self.json["resource_types"].as_object().into_iter().flatten();
            types.filter(move |(_, kind)| (kind["required"] == true) == required)
        };
        types(true).chain(types(false)).filter_map(|(name, _)| self.resources[name.as_str()]["arn"].as_str())
    }
}

/// Operations that need an action of another name (Amazon S3 User Guide, "Required permissions"; Lambda).
fn alias<'a>(prefix: &str, operation: &'a str) -> &'a str {
    match (prefix, operation) {
        ("s3", "ListObjects" | "ListObjectsV2" | "HeadBucket") => "ListBucket",
        ("s3", "ListObjectVersions") => "ListBucketVersions",
        ("s3", "ListMultipartUploads") => "ListBucketMultipartUploads",
        ("s3", "ListParts") => "ListMultipartUploadParts",
        ("s3", "ListBuckets") => "ListAllMyBuckets",
        ("s3", "HeadObject" | "SelectObjectContent") => "GetObject",
        ("s3", "DeleteObjects") => "DeleteObject",
        (
            "s3",
            "CopyObject"
            | "CreateMultipartUpload"
            | "UploadPart"
            | "UploadPartCopy"
            | "CompleteMultipartUpload",
        ) => "PutObject",
        ("lambda", "Invoke" | "InvokeWithResponseStream") => "InvokeFunction",
        _ => operation,
    }
}
