//! Who may see each field of each object type: a field that is new fails here until that is decided.
//!
//! `access.rs` tries the operations, and the fields with rights of their own; this is about all others. Most fields are
//! for whoever was given their object, so what counts is who is given it.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, Type, TypeKind, TypeSystemDefinition},
};

use crate::access::{ADMIN, GRAPHQL};

/// For whoever was given the object: it is theirs, or it is nobody's.
const HOLDER: &str = "holder";
/// For administrators: the objects are given to nobody else, or the field asks who it is that asks.
const ADMINISTRATOR: &str = "administrator";

/// Object types, who may see their fields, and these. Connections, edges and the root types are not listed: the first
/// two go by what they hold, and each field of a root type has a row in `access.rs`.
const FIELDS: &[(&str, &str, &str)] = &[
    ("AcquireLeasePayload", HOLDER, "lease ticket"),
    ("ApiKey", HOLDER, "createdAt databaseId expiresAt id lastUsedAt name prefix scopes"),
    ("AssignPhoneNumberPayload", HOLDER, "phoneNumber"),
    ("AuditEntry", ADMINISTRATOR, "action actor createdAt databaseId details id target"),
    ("BlockedSender", ADMINISTRATOR, "createdAt createdBy databaseId id note sender"),
    ("BlockSenderPayload", ADMINISTRATOR, "blockedSender"),
    ("Country", HOLDER, "availableCount code"),
    ("CreateApiKeyPayload", HOLDER, "apiKey key"),
    ("CreateInvitationPayload", ADMINISTRATOR, "invitation link token"),
    ("CreateOtpPatternPayload", ADMINISTRATOR, "otpPattern"),
    ("CreatePoolPayload", HOLDER, "pool"),
    ("CreateProviderPayload", ADMINISTRATOR, "generatedSecret provider"),
    ("DeleteMessagePayload", HOLDER, "deletedMessageId"),
    ("DeleteOtpPatternPayload", ADMINISTRATOR, "deletedOtpPatternId"),
    (
        "DeliveryReport",
        ADMINISTRATOR,
        "createdAt databaseId deliveredAt errorMessage id kind messageId payload phoneNumber provider \
         providerMessageId providerStatus reason retryCount status",
    ),
    ("DonePayload", HOLDER, "message"),
    ("EndPhoneNumberGrantPayload", ADMINISTRATOR, "phoneNumber"),
    ("ExtendPhoneNumberPayload", HOLDER, "phoneNumber"),
    ("GrantPhoneNumberPayload", ADMINISTRATOR, "phoneNumber"),
    ("ImportPhoneNumbersPayload", ADMINISTRATOR, "addedIds knownCount rejected"),
    (
        "Invitation",
        ADMINISTRATOR,
        "createdAt createdBy databaseId email expiresAt id isMailed plan status usedAt usedBy",
    ),
    ("LabelPhoneNumberPayload", HOLDER, "phoneNumber"),
    (
        "Lease",
        HOLDER,
        "countryCode cursor databaseId expiresAt fence id messages phoneNumber phoneNumberId pool startsAt ttlSeconds \
         unclaimedMessages",
    ),
    ("LeaseTicket", HOLDER, "expiresAt position ticket"),
    ("LogInPayload", HOLDER, "accessToken expiresAt expiresIn refreshToken user"),
    ("MarkAllMessagesReadPayload", HOLDER, "markedCount"),
    ("MarkMessageReadPayload", HOLDER, "message"),
    (
        "Message",
        HOLDER,
        "channel databaseId id isRead links media messageContent messageType otp phoneNumber phoneNumberId \
         receivedAt senderNumber",
    ),
    ("MessageLink", HOLDER, "kind url"),
    ("MessageMedia", HOLDER, "contentType url"),
    ("MessageReceived", HOLDER, "cursor message"),
    ("MessageStageTime", ADMINISTRATOR, "at milliseconds stage"),
    ("MessageTimeline", ADMINISTRATOR, "messageId milliseconds stages"),
    ("OneTimeCode", HOLDER, "code origin score service"),
    ("OtpPattern", ADMINISTRATOR, "createdAt databaseId id isActive pattern provider sender service updatedAt"),
    ("PageInfo", HOLDER, "endCursor hasNextPage hasPreviousPage startCursor"),
    (
        "PhoneNumber",
        HOLDER,
        "assignedAt countryCode createdAt databaseId expiresAt id isGranted label messages phoneNumber status unreadCount",
    ),
    ("PhoneNumber", ADMINISTRATOR, "provider renter"),
    ("PhoneNumberStats", ADMINISTRATOR, "assigned available blocked expired"),
    (
        "Pool",
        HOLDER,
        "cooldownSeconds databaseId grantedPhoneNumberIds id leasedCount name numberCount phoneNumberIds rule waitingCount",
    ),
    ("PoolRule", HOLDER, "countryCode label"),
    (
        "Provider",
        ADMINISTRATOR,
        "configuration createdAt databaseId hasAddressToken health id isActive kind name priority rateLimitPerMinute \
         secretChangedAt secretVerifiedAt statusCallbackPath updatedAt webhookPath",
    ),
    (
        "ProviderHealth",
        ADMINISTRATOR,
        "clockOffsetSeconds duplicateCount failureCount hasWeakSecret isClockOff lastFailureAt lastMessageAt \
         lastRefusalAt lastRefusalReason limitedCount messageCount refusalCount statusCount unroutableCount",
    ),
    ("ProviderKindDescription", ADMINISTRATOR, "isPreset kind secret settings title"),
    ("ProviderSetting", ADMINISTRATOR, "description name"),
    ("RegisterPayload", HOLDER, "user"),
    ("Registration", HOLDER, "allowedEmailDomains policy"),
    ("RejectedPhoneNumber", ADMINISTRATOR, "index message"),
    ("ReleasePhoneNumberPayload", HOLDER, "phoneNumber"),
    ("RenewLeasePayload", HOLDER, "lease"),
    ("RevokeInvitationPayload", ADMINISTRATOR, "revokedInvitationId"),
    ("Session", HOLDER, "createdAt databaseId expiresAt id ipAddress isCurrent lastUsedAt userAgent"),
    ("SetPhoneNumberStatusPayload", ADMINISTRATOR, "phoneNumber"),
    ("SimulateInboundSmsPayload", ADMINISTRATOR, "message outcome"),
    ("Stats", ADMINISTRATOR, "messageCount openConnectionCount phoneNumbers users webhooks"),
    ("UnblockSenderPayload", ADMINISTRATOR, "unblockedSenderId"),
    ("UpdateOtpPatternPayload", ADMINISTRATOR, "otpPattern"),
    ("UpdatePoolPayload", HOLDER, "pool"),
    ("UpdateProviderPayload", ADMINISTRATOR, "provider"),
    ("UpdateUserPayload", ADMINISTRATOR, "user"),
    ("UpdateViewerPayload", HOLDER, "user"),
    ("User", HOLDER, "createdAt databaseId email emailVerified firstName id isActive lastLogin lastName plan role"),
    ("UserStats", ADMINISTRATOR, "active premium total"),
    ("WebhookStats", ADMINISTRATOR, "duplicate failed quarantined received unroutable"),
];

/// The decisions about the fields of a type.
fn decisions(object: &str) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    FIELDS.iter().filter(move |(listed, ..)| *listed == object)
}

const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscription"];

/// The fields of each object type, with the types that they lead to.
fn object_types() -> BTreeMap<String, BTreeMap<String, String>> {
    fn name(r#type: &Type) -> String {
        match &r#type.base {
            BaseType::Named(name) => name.to_string(),
            BaseType::List(item) => name(item),
        }
    }
    let schema = parse_schema(include_str!("../../schema.graphql")).unwrap();
    let objects = schema.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => match definition.node.kind {
            TypeKind::Object(object) => Some((definition.node.name.to_string(), object.fields)),
            _ => None,
        },
        _ => None,
    });
    let fields = objects.map(|(object, fields)| {
        let fields = fields.into_iter().map(|field| (field.node.name.to_string(), name(&field.node.ty.node)));
        (object, fields.collect())
    });
    fields.collect()
}

/// Whether the type only holds others: a page of a list.
fn is_page(object: &str) -> bool {
    object.ends_with("Connection") || object.ends_with("Edge")
}

#[test]
fn every_field_has_a_decision() {
    let mut decided = BTreeSet::new();
    for (object, _, fields) in FIELDS {
        for field in fields.split_whitespace() {
            assert!(decided.insert(format!("{object}.{field}")), "{object}.{field} is there twice");
        }
    }
    let objects = object_types();
    let listed = objects.iter().filter(|(object, _)| !ROOTS.contains(&object.as_str()) && !is_page(object));
    let fields = listed.flat_map(|(object, fields)| fields.keys().map(move |field| format!("{object}.{field}")));
    assert_eq!(fields.collect::<BTreeSet<_>>(), decided);
}

/// An object for administrators must not be found by a way that is open to others.
#[test]
fn what_is_for_administrators_is_given_to_them_alone() {
    let objects = object_types();
    // A page is for administrators if what it holds is.
    let is_for_administrators = |object: &str| {
        let held = object.strip_suffix("Connection").or_else(|| object.strip_suffix("Edge")).unwrap_or(object);
        decisions(held).count() > 0 && decisions(held).all(|(_, who, _)| *who == ADMINISTRATOR)
    };
    let may_give = |object: &str, field: &str| match object {
        "Query" | "Mutation" | "Subscription" => {
            GRAPHQL.iter().any(|(operation, _, row)| *operation == field && *row == ADMIN)
        }
        page if is_page(page) => is_for_administrators(page),
        _ => decisions(object)
            .any(|(_, who, fields)| *who == ADMINISTRATOR && fields.split_whitespace().any(|one| one == field)),
    };
    let mut checked = 0;
    for (object, fields) in &objects {
        for (field, to) in fields.iter().filter(|(_, to)| is_for_administrators(to)) {
            assert!(may_give(object, field), "{object}.{field} gives {to} to others than administrators");
            checked += 1;
        }
    }
    assert!(checked > 25, "{checked}");
}
