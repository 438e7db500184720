//! Why the status of a delivery report is what it is.

/// Why a message did not reach an inbox, or a status callback has the status that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportReason {
    /// Other parts of the long message have not arrived yet.
    WaitingForParts,
    /// A message with the same provider id was received before.
    SameId,
    /// A message with the same sender, number, text and time was received before.
    SameContent,
    /// The number is not on this platform.
    UnknownNumber,
    /// The number belongs to another provider.
    OtherProvider,
    /// The number had not been rented by anybody.
    NotRented,
    /// The last rental of the number had ended.
    RentalEnded,
    /// An administrator has taken the number out of use.
    NumberBlocked,
    /// An administrator has blocked the sender.
    SenderBlocked,
    /// By the provider's time it was sent before the rental began, so it was meant for somebody else.
    SentBeforeRental,
    /// The webhook as a whole could not be read.
    UnreadableBody,
    /// A field of the message is missing or invalid.
    InvalidField,
    /// The database refused the message.
    StoreRefused,
    /// The provider says so in a status callback.
    ProviderReport,
    /// The platform does not know the provider's status.
    UnknownStatus,
    /// The callback was late: the message had come further already.
    OutOfOrder,
    /// A reason that only a newer version knows.
    Other,
}

impl ReportReason {
    /// Every reason.
    pub const ALL: &[Self] = &[
        Self::WaitingForParts,
        Self::SameId,
        Self::SameContent,
        Self::UnknownNumber,
        Self::OtherProvider,
        Self::NotRented,
        Self::RentalEnded,
        Self::NumberBlocked,
        Self::SenderBlocked,
        Self::SentBeforeRental,
        Self::UnreadableBody,
        Self::InvalidField,
        Self::StoreRefused,
        Self::ProviderReport,
        Self::UnknownStatus,
        Self::OutOfOrder,
        Self::Other,
    ];

    /// The word stored in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WaitingForParts => "waiting_for_parts",
            Self::SameId => "same_id",
            Self::SameContent => "same_content",
            Self::UnknownNumber => "unknown_number",
            Self::OtherProvider => "other_provider",
            Self::NotRented => "not_rented",
            Self::RentalEnded => "rental_ended",
            Self::NumberBlocked => "number_blocked",
            Self::SenderBlocked => "sender_blocked",
            Self::SentBeforeRental => "sent_before_rental",
            Self::UnreadableBody => "unreadable_body",
            Self::InvalidField => "invalid_field",
            Self::StoreRefused => "store_refused",
            Self::ProviderReport => "provider_report",
            Self::UnknownStatus => "unknown_status",
            Self::OutOfOrder => "out_of_order",
            Self::Other => "other",
        }
    }

    /// The reason of a word stored in the database.
    #[must_use]
    pub fn stored(word: &str) -> Self {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == word).unwrap_or(Self::Other)
    }
}
