//! The closed set of error codes, which every API shares.

/// Declares the codes: variant, name on the wire, HTTP status, title.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:literal, $title:literal;)+) => {
        /// What went wrong, for a client to branch on: `code` in REST, `extensions.code` in GraphQL.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $variant,)+ }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The HTTP status of the response.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// A short title for people: the `error` of a REST body.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

error_codes! {
    /// The request cannot be read: malformed JSON, a missing field, a wrong type.
    InvalidRequest = "INVALID_REQUEST", 400, "Invalid Request";
    /// The GraphQL document is not GraphQL.
    QuerySyntax = "GRAPHQL_PARSE_FAILED", 400, "Invalid Request";
    /// The GraphQL document does not fit the schema.
    QueryInvalid = "GRAPHQL_VALIDATION_FAILED", 400, "Invalid Request";
    /// The GraphQL document is nested too deep.
    QueryTooDeep = "QUERY_TOO_DEEP", 400, "Invalid Request";
    /// The GraphQL document asks for too much at once.
    QueryTooComplex = "QUERY_TOO_COMPLEX", 400, "Invalid Request";
    /// The GraphQL document has too many bytes or too many tokens.
    QueryTooLong = "QUERY_TOO_LONG", 400, "Invalid Request";
    /// The GraphQL document has too many aliases.
    TooManyAliases = "TOO_MANY_ALIASES", 400, "Invalid Request";
    /// The GraphQL document has too many directives.
    TooManyDirectives = "TOO_MANY_DIRECTIVES", 400, "Invalid Request";
    /// The batch has too many GraphQL requests.
    BatchTooLarge = "BATCH_TOO_LARGE", 400, "Invalid Request";
    /// The GraphQL document asks about the schema, which the operator has disabled.
    IntrospectionDisabled = "INTROSPECTION_DISABLED", 400, "Invalid Request";
    /// The operation exceeded its deadline. A mutation may or may not have taken effect.
    OperationTimeout = "OPERATION_TIMEOUT", 504, "Gateway Timeout";
    /// The server has no document for the hash: the client should send both.
    PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND", 400, "Invalid Request";
    /// The document does not match the hash sent with it.
    PersistedQueryMismatch = "PERSISTED_QUERY_MISMATCH", 400, "Invalid Request";
    /// The operator allows only listed documents, and this one is not listed.
    DocumentNotAllowed = "DOCUMENT_NOT_ALLOWED", 400, "Invalid Request";
    /// The caller has too many sockets and streams open.
    TooManyConnections = "TOO_MANY_CONNECTIONS", 429, "Too Many Requests";
    /// The key was used for a different request, or the rental it created has ended.
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED", 422, "Validation Error";
    /// The socket has too many operations open.
    TooManyOperations = "TOO_MANY_OPERATIONS", 429, "Too Many Requests";
    /// The request is well-formed, but a value breaks a rule.
    ValidationError = "VALIDATION_ERROR", 422, "Validation Error";
    /// A credential is missing or not valid.
    Unauthenticated = "UNAUTHENTICATED", 401, "Unauthorized";
    /// The access token has expired.
    TokenExpired = "TOKEN_EXPIRED", 401, "Unauthorized";
    /// The e-mail address or the password is wrong; the error does not say which.
    InvalidCredentials = "INVALID_CREDENTIALS", 401, "Unauthorized";
    /// The session was ended: by signing out, by its user, or by a change of password.
    SessionEnded = "SESSION_ENDED", 401, "Unauthorized";
    /// The refresh token is unknown or already used, or its session has ended.
    InvalidRefreshToken = "INVALID_REFRESH_TOKEN", 401, "Unauthorized";
    /// The caller is authenticated but not allowed to do this.
    Forbidden = "FORBIDDEN", 403, "Forbidden";
    /// The API key lacks the scope.
    InsufficientScope = "INSUFFICIENT_SCOPE", 403, "Forbidden";
    /// The address of the account has to be verified first.
    EmailNotVerified = "EMAIL_NOT_VERIFIED", 403, "Forbidden";
    /// The operator lets nobody make an account, or nobody without an invitation.
    RegistrationClosed = "REGISTRATION_CLOSED", 403, "Forbidden";
    /// The invitation is unknown, used, expired, taken back, or for another address.
    InvitationInvalid = "INVITATION_INVALID", 403, "Forbidden";
    /// The account was deactivated.
    AccountDeactivated = "ACCOUNT_DEACTIVATED", 403, "Forbidden";
    /// A webhook's signature is missing or wrong.
    InvalidSignature = "INVALID_SIGNATURE", 403, "Forbidden";
    /// The object does not exist or is not the caller's; the two are indistinguishable.
    NotFound = "NOT_FOUND", 404, "Not Found";
    /// No active provider has the name that the webhook gave.
    UnknownProvider = "UNKNOWN_PROVIDER", 404, "Not Found";
    /// The path exists, but not for this method.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405, "Method Not Allowed";
    /// The client accepts none of the available content types.
    NotAcceptable = "NOT_ACCEPTABLE", 406, "Not Acceptable";
    /// The body did not arrive in time.
    RequestTimeout = "REQUEST_TIMEOUT", 408, "Request Timeout";
    /// An account with this e-mail address exists.
    EmailTaken = "EMAIL_TAKEN", 409, "Conflict";
    /// An object with this name or number exists.
    AlreadyExists = "ALREADY_EXISTS", 409, "Conflict";
    /// The requested number cannot be rented now.
    NumberUnavailable = "NUMBER_UNAVAILABLE", 409, "Conflict";
    /// No number of the country can be rented now.
    NoNumberAvailable = "NO_NUMBER_AVAILABLE", 409, "Conflict";
    /// The caller already has the maximum of these.
    LimitReached = "LIMIT_REACHED", 409, "Conflict";
    /// The lease has ended, or the fence is not the newest of its number.
    LeaseLost = "LEASE_LOST", 409, "Conflict";
    /// Messages after the cursor have been purged: the client has missed some.
    CursorExpired = "CURSOR_EXPIRED", 410, "Gone";
    /// The body is too large.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", 413, "Payload Too Large";
    /// The content type of the body is not supported.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type";
    /// The caller has exceeded a rate limit.
    RateLimited = "RATE_LIMITED", 429, "Too Many Requests";
    /// A bug in otpwire or in something it depends on. The log has the details.
    Internal = "INTERNAL", 500, "Internal Server Error";
    /// Overload, or the database is unreachable. The client should retry later.
    Unavailable = "UNAVAILABLE", 503, "Service Unavailable";
}
