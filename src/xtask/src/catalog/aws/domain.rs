//! What each service of AWS keeps, by botocore's name of it. A service that is not named here is infrastructure.

/// What a service keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Domain {
    /// Who may do what.
    Identity,
    /// Keys, certificates, secrets.
    Secrets,
    /// Code, builds, releases.
    Code,
    /// Models and what they are trained with.
    Models,
    /// Messages.
    Messages,
    /// Records of its customers.
    Data,
    /// Machines, networks, configuration.
    Infrastructure,
}

/// Services by what they keep.
const SERVICES: [(Domain, &str); 6] = [
    (
        Domain::Identity,
        "iam organizations cognito-idp cognito-identity sso sso-admin sso-oidc identitystore ram \
         verifiedpermissions rolesanywhere iam-toolbox account-access \
         account-access-runtime",
    ),
    (
        Domain::Secrets,
        "acm acm-pca kms secretsmanager cloudhsm cloudhsmv2 payment-cryptography payment-cryptography-data \
         sts signer signer-data pca-connector-ad pca-connector-scep",
    ),
    (
        Domain::Code,
        "codecommit codebuild codedeploy codepipeline codeartifact codestar codecatalyst codestar-connections \
         codeconnections codeguru-reviewer codeguruprofiler codeguru-security ecr ecr-public proton amplify \
         serverlessrepo",
    ),
    (
        Domain::Models,
        "sagemaker sagemaker-a2i-runtime sagemaker-edge sagemaker-geospatial sagemaker-featurestore-runtime \
         sagemaker-metrics bedrock bedrock-agent bedrock-agent-runtime bedrock-runtime bedrock-agentcore \
         bedrock-agentcore-control bedrock-data-automation bedrock-data-automation-runtime comprehend \
         comprehendmedical personalize forecast rekognition lookoutvision lookoutequipment lookoutmetrics \
         frauddetector machinelearning transcribe translate polly textract lex-models lexv2-models nova-act \
         kendra qbusiness wisdom qconnect",
    ),
    (
        Domain::Messages,
        "sns ses sesv2 pinpoint pinpoint-email pinpoint-sms-voice pinpoint-sms-voice-v2 sms-voice \
         socialmessaging connectcampaigns connectcampaignsv2 chime-sdk-messaging mturk workmailmessageflow \
         notifications notificationscontacts endusermessaging wickr",
    ),
    (
        Domain::Data,
        "dynamodb lakeformation dynamodbstreams s3 s3control s3tables s3vectors s3outposts s3files kinesis firehose sqs sdb \
         simpledbv2 glue athena redshift-data rds-data timestream-write timestream-query keyspaces \
         keyspacesstreams neptunedata neptune-graph cloudsearchdomain iotanalytics iotsitewise quicksight \
         databrew healthlake medical-imaging omics customer-profiles cleanrooms cleanroomsml entityresolution \
         datazone appflow datapipeline backup glacier transfer dataexchange kafka osis dms appsync connect \
         connectcases workdocs workmail honeycode dax memorydb qldb qldb-session personalize-events \
         mediastore-data cloudfront-keyvaluestore iot-data iot-jobs-data amplifybackend chime chime-sdk-voice \
         chime-sdk-identity supplychain finspace-data finspace location opensearchserverless storagegateway \
         datasync bcm-data-exports support voice-id lex-runtime lexv2-runtime cognito-sync ebs logs events",
    ),
];

/// What a service keeps.
pub(super) fn of(service: &str) -> Domain {
    let named = |(_, services): &&(Domain, &str)| services.split(' ').any(|known| known == service);
    SERVICES.iter().find(named).map_or(Domain::Infrastructure, |(domain, _)| *domain)
}
