/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What an API key is good for. */
export type ApiKeyScope =
  /** Lease numbers, and read what arrives during a lease. */
  | 'LEASE_NUMBERS'
  /** Read, wait for and watch messages, and mark them as read. */
  | 'READ_MESSAGES'
  /** See numbers; rent, extend and release them. */
  | 'RENT_NUMBERS';

/** What you want to rent: one number, or any of a country. */
export type AssignPhoneNumberInput = {
  /** Any number of this country, by ISO 3166-1 alpha-2. */
  countryCode?: string | null | undefined;
  /** For how long: 1 to 24 hours. */
  durationHours?: number;
  /**
   * Your own name for this request, such as a UUID: whoever repeats it with the same key gets the number
   * that the first one rented, and rents no other. Keys are kept for two days.
   */
  idempotencyKey?: string | null | undefined;
  /** This number. */
  phoneNumberId?: string | number | null | undefined;
};

/** What somebody did. */
export type AuditAction =
  /** A key for a program was made. */
  | 'API_KEY_CREATED'
  /** A key for a program was revoked. */
  | 'API_KEY_REVOKED'
  /** An invitation was made. */
  | 'INVITATION_CREATED'
  /** An invitation was taken back. */
  | 'INVITATION_REVOKED'
  /** An account was made with an invitation. */
  | 'INVITATION_USED'
  /** Numbers were added. */
  | 'NUMBERS_IMPORTED'
  /** A number was granted to a user's pool. */
  | 'NUMBER_GRANTED'
  /** The grant of a number was ended. */
  | 'NUMBER_GRANT_ENDED'
  /** An administrator ended somebody's rental of a number. */
  | 'NUMBER_RELEASED'
  /** A number was taken out of use, or put back. */
  | 'NUMBER_STATUS_SET'
  /** A newer version of the platform did what this one has no word for. */
  | 'OTHER'
  /** A code pattern was added. */
  | 'OTP_PATTERN_CREATED'
  /** A code pattern was deleted. */
  | 'OTP_PATTERN_DELETED'
  /** A code pattern was changed. */
  | 'OTP_PATTERN_UPDATED'
  /** A password was changed, by whoever knew it or by mail. */
  | 'PASSWORD_CHANGED'
  /** An account at a provider was added. */
  | 'PROVIDER_CREATED'
  /** An account at a provider was changed. */
  | 'PROVIDER_UPDATED'
  /** The secrets of a provider were sealed again with the key that is in use. */
  | 'SECRETS_RESEALED'
  /** A sender was blocked. */
  | 'SENDER_BLOCKED'
  /** A sender was unblocked. */
  | 'SENDER_UNBLOCKED'
  /** A message was made up. */
  | 'SMS_SIMULATED'
  /** An account was made on the command line. */
  | 'USER_CREATED'
  /** A user's role, plan or right to sign in was changed. */
  | 'USER_UPDATED';

/** Which entries of the audit log to list. */
export type AuditFilter = {
  /** Only this. */
  action?: AuditAction | null | undefined;
  /** Only what this user did. */
  actorId?: string | number | null | undefined;
  /** Only from this time on. */
  since?: string | null | undefined;
  /** Only what was done to the thing with this id. */
  target?: string | number | null | undefined;
  /** Only before this time. */
  until?: string | null | undefined;
};

/** Whose messages are to be refused. */
export type BlockSenderInput = {
  /** Why, for other administrators: at most 200 characters. */
  note?: string | null | undefined;
  /**
   * The sender, whatever the case of its letters. With an asterisk at its end, after at least 3 characters, every
   * sender that begins so: `+4490*`.
   */
  sender: string;
};

/** The channel that a message came through. */
export type Channel =
  /** An e-mail, which a gateway delivers like a message. */
  | 'EMAIL'
  /** A message with files, or with a subject. */
  | 'MMS'
  /** One that has no name here. */
  | 'OTHER'
  /** Rich Communication Services. */
  | 'RCS'
  /** A text message. */
  | 'SMS'
  /** A call, whose words were written down. */
  | 'VOICE'
  /** WhatsApp. */
  | 'WHATSAPP';

/** What an API key is to be. */
export type CreateApiKeyInput = {
  /** In how many days it ends: 1 to 365. Without it, it does not. */
  expiresInDays?: number | null | undefined;
  /** What you call it: 1 to 100 characters. */
  name: string;
  /** What it is good for. */
  scopes: Array<ApiKeyScope>;
};

/** Whom you invite. */
export type CreateInvitationInput = {
  /** The only address that the invitation is good for. Without it, it is good for whoever has it. */
  email?: string | null | undefined;
  /** In how many days it expires: 1 to 90. By default 7. */
  expiresInDays?: number | null | undefined;
  /** The plan of the account. By default it is free. */
  plan?: UserPlan | null | undefined;
  /** Whether to send it to the address. Then nobody else sees its token, and using it verifies the address. */
  sendMail?: boolean;
};

/** How codes are found in some messages. */
export type CreateOtpPatternInput = {
  /** Whether it is used. By default it is. */
  isActive?: boolean;
  /**
   * A regular expression that captures the code as `(?<code>…)`, and perhaps whose it is as `(?<service>…)`:
   * at most 500 characters, without look-arounds and backreferences. Only its first match counts, in the first 1,600
   * bytes of a text. Spaces and dashes are taken out of what it captures, and digits of any script become those
   * of ASCII; if 3 to 32 letters and digits are left, they are the code.
   */
  pattern: string;
  /** Only in messages that this account brings. Give an account, a sender, or both. */
  providerId?: string | number | null | undefined;
  /** Only in messages of this sender, whatever the case of its letters. */
  sender?: string | null | undefined;
  /** Whose codes it finds, where it does not capture that. Without it, the built-in reader may know. */
  service?: string | null | undefined;
};

/** An account at an SMS provider. */
export type CreateProviderInput = {
  /**
   * A second secret, which its webhooks have to show as `token` in their address: 16 to 200 letters, digits,
   * hyphens, underscores, dots or tildes. It is kept sealed and never shown.
   */
  addressToken?: string | null | undefined;
  /** What its adapter has to know, an object: see `providerKinds` for its settings. It must not contain secrets. */
  configuration?: unknown;
  /** Whether its webhooks are taken. By default they are. */
  isActive?: boolean | null | undefined;
  /** Which adapter reads it. */
  kind: ProviderKind;
  /** Your own name for it, which its webhook address carries: letters, digits, hyphens, underscores and dots. */
  name: string;
  /** Whose numbers are rented first: 1 to 1000, the lowest. The default is 1. */
  priority?: number | null | undefined;
  /** How many webhooks a minute are taken of it: 1 to 1000000. The default is 60000. */
  rateLimitPerMinute?: number | null | undefined;
  /**
   * What its webhooks are signed with: see `providerKinds` for what it is. It is kept sealed and never shown. One
   * that you choose has at least 16 characters and is hard to guess; without it, one is generated.
   */
  secret?: string | null | undefined;
};

/** What is to go. */
export type DeleteMessageInput = {
  /** One of your messages. */
  messageId: string | number;
};

/** What is to go. */
export type DeleteOtpPatternInput = {
  /** The pattern. */
  otpPatternId: string | number;
};

/** Which delivery reports to list. */
export type DeliveryReportFilter = {
  /** Only about this. */
  kind?: DeliveryReportKind | null | undefined;
  /** Only about this message. */
  messageId?: string | number | null | undefined;
  /** Only about messages to this number: E.164, or a short code. */
  phoneNumber?: string | null | undefined;
  /** Only of this provider. */
  providerId?: string | number | null | undefined;
  /** Only about the message with this id at its provider, and its parts. */
  providerMessageId?: string | null | undefined;
  /** Only for this reason. */
  reason?: DeliveryReportReason | null | undefined;
  /** Only from this time on. */
  since?: string | null | undefined;
  /** Only with this status. */
  status?: DeliveryReportStatus | null | undefined;
  /** Only before this time. */
  until?: string | null | undefined;
};

/** What a delivery report is about. */
export type DeliveryReportKind =
  /** A message that somebody sent to one of the numbers. */
  | 'MESSAGE'
  /** A status callback: how far a message that was sent through the provider has come. */
  | 'STATUS';

/** Why a message did not reach an inbox, or a status callback has the status that it has. */
export type DeliveryReportReason =
  /** Of `FAILED`: a field is missing or wrong; `errorMessage` says which. */
  | 'INVALID_FIELD'
  /** Of `QUARANTINED`: nobody had rented the number. */
  | 'NOT_RENTED'
  /** Of `QUARANTINED`: an administrator has taken the number out of use. */
  | 'NUMBER_BLOCKED'
  /** A reason that only a newer version of the platform knows. */
  | 'OTHER'
  /** Of `UNROUTABLE`: the number is another provider's. */
  | 'OTHER_PROVIDER'
  /** Of a status callback: it was late, and the message had come further already. */
  | 'OUT_OF_ORDER'
  /** Of a status callback: the provider says so. */
  | 'PROVIDER_REPORT'
  /** Of `QUARANTINED`: the last rental of the number had ended. */
  | 'RENTAL_ENDED'
  /** Of `DUPLICATE`: a message with the same sender, number, text and time had arrived before. */
  | 'SAME_CONTENT'
  /** Of `DUPLICATE`: a message with the same provider id had arrived before. */
  | 'SAME_ID'
  /** Of `BLOCKED`: an administrator has blocked the sender. */
  | 'SENDER_BLOCKED'
  /** Of `QUARANTINED`: it was sent before the rental began, by the provider's clock. */
  | 'SENT_BEFORE_RENTAL'
  /** Of `FAILED`: the database refused the message. */
  | 'STORE_REFUSED'
  /** Of `UNROUTABLE`: the number is not on the platform. */
  | 'UNKNOWN_NUMBER'
  /** Of a status callback: the platform does not know the provider's word, so the status is what it was before. */
  | 'UNKNOWN_STATUS'
  /** Of `FAILED`: the webhook as a whole could not be read. */
  | 'UNREADABLE_BODY'
  /** Of `HELD`: other parts of the long message have not arrived yet. */
  | 'WAITING_FOR_PARTS';

/** What became of a webhook, or how far a message that was sent has come. */
export type DeliveryReportStatus =
  /** The message was refused and not stored: its sender is blocked. */
  | 'BLOCKED'
  /** The phone has the message that was sent. */
  | 'DELIVERED'
  /** The message had arrived before. */
  | 'DUPLICATE'
  /**
   * The webhook could not be read, or the message not be stored. Of a message that was sent: it was refused before
   * any network had it.
   */
  | 'FAILED'
  /** A part of a long message, which waits for the others. */
  | 'HELD'
  /** The message is stored, and nobody's: the number had no renter. */
  | 'QUARANTINED'
  /** The provider has the message that was sent. */
  | 'QUEUED'
  /** The message is in its renter's inbox. */
  | 'RECEIVED'
  /** A network has the message that was sent. */
  | 'SENT'
  /** The message that was sent could not be delivered. */
  | 'UNDELIVERED'
  /**
   * The provider says of the message that was sent what the platform has no word for, or a newer version of the
   * platform what this one has none for.
   */
  | 'UNKNOWN'
  /** The number is not ours, or not this provider's. */
  | 'UNROUTABLE';

/** Which session to end. */
export type EndSessionInput = {
  /** One of your sessions. */
  sessionId: string | number;
};

/** How long you keep a number. */
export type ExtendPhoneNumberInput = {
  /** By how much: 1 to 24 hours. A rental may last 24 hours in all. */
  durationHours?: number;
  /** Your own name for this request, such as a UUID: repeated with the same key, it extends once. */
  idempotencyKey?: string | null | undefined;
  /** A number that you rent now. */
  phoneNumberId: string | number;
};

/** Numbers that the platform is to have. */
export type ImportPhoneNumbersInput = {
  /** The country of those that are not in E.164 and have no `countryCode`. */
  defaultCountryCode?: string | null | undefined;
  /** The numbers: at most 1000. Pass them as a variable. */
  numbers: Array<PhoneNumberToImport>;
  /** The provider that brings their messages. */
  providerId: string | number;
};

/** What became of a message. */
export type InboundSmsOutcome =
  /** Its sender is blocked. */
  | 'BLOCKED'
  /** It is in its renter's inbox. */
  | 'DELIVERED'
  /** It had arrived before. */
  | 'DUPLICATE'
  /** It is stored, and nobody's: the number has no renter. */
  | 'QUARANTINED'
  /** The number is not the provider's. */
  | 'UNROUTABLE';

/** Whether an invitation can be used. */
export type InvitationStatus =
  /** It was not used in time. */
  | 'EXPIRED'
  /** It can be used. */
  | 'PENDING'
  /** An account was made with it. */
  | 'USED';

/** What you call a number. */
export type LabelPhoneNumberInput = {
  /** 1 to 50 characters; null removes the label. */
  label?: string | null | undefined;
  /** A number that you rent now. */
  phoneNumberId: string | number;
};

/** Where to send a mail. */
export type MailInput = {
  /** The address of the account. */
  email: string;
};

/** What you have read. */
export type MarkAllMessagesReadInput = {
  /** Only messages to this number. */
  phoneNumberId?: string | number | null | undefined;
  /**
   * Only messages up to this cursor: pass `latestCursor` of the list that was read, and what came since
   * stays unread.
   */
  upTo?: string | null | undefined;
};

/** What you have read. */
export type MarkMessageReadInput = {
  /** One of your messages. */
  messageId: string | number;
};

/** A stage of a message's way. */
export type MessageStage =
  /** It was stored. */
  | 'COMMITTED'
  /** It was first handed to a socket, a stream or a waiting request of its owner. */
  | 'FIRST_FRAME'
  /** Its owner first marked it as read. */
  | 'FIRST_READ'
  /** Those who watch were told, on every replica. */
  | 'PUBLISHED'
  /** Its webhook began to arrive. */
  | 'RECEIVED'
  /** It was sent, by its provider's clock. */
  | 'SENT'
  /** Its webhook was verified and read. The message is dated by this. */
  | 'VERIFIED';

/** What a message is for. */
export type MessageType =
  /** It carries a one-time code. */
  | 'OTP'
  /** Anything. */
  | 'SMS'
  /** It asks to confirm something, without a code. */
  | 'VERIFICATION';

/** Which numbers to list. */
export type PhoneNumberFilter = {
  /** Only of this country, by ISO 3166-1 alpha-2. */
  countryCode?: string | null | undefined;
  /** Only those that you rent now. */
  mine?: boolean;
  /** Only with this status. */
  status?: PhoneNumberStatus | null | undefined;
};

/** What a number can be used for now. */
export type PhoneNumberStatus =
  /** Somebody has rented it. */
  | 'ASSIGNED'
  /** It can be rented. */
  | 'AVAILABLE'
  /** An administrator took it out of use. */
  | 'BLOCKED'
  /** Its rental is over and it cools down. */
  | 'EXPIRED';

/** A number that the platform is to have. */
export type PhoneNumberToImport = {
  /**
   * Its country, by ISO 3166-1 alpha-2. A number in E.164 tells it by itself; all others need it, or
   * `defaultCountryCode`.
   */
  countryCode?: string | null | undefined;
  /** E.164, or a short code, or in the national form of its country. */
  phoneNumber: string;
};

/** What a number is to be used for. */
export type PhoneNumberUse =
  /** It can be rented, once it has cooled down. */
  | 'AVAILABLE'
  /** It is out of use. */
  | 'BLOCKED';

/** Which adapter reads what a provider posts. */
export type ProviderKind =
  /** Africa's Talking. */
  | 'AFRICASTALKING'
  /** ArabiaCell. */
  | 'ARABIACELL'
  /** AWS End User Messaging (SNS). */
  | 'AWS_SNS'
  /** Bandwidth. */
  | 'BANDWIDTH'
  /** Barritel. */
  | 'BARRITEL'
  /** Bird. */
  | 'BIRD'
  /** Callr. */
  | 'CALLR'
  /** Clickatell. */
  | 'CLICKATELL'
  /** Clickmobile. */
  | 'CLICKMOBILE'
  /** ClickSend. */
  | 'CLICKSEND'
  /** Commio (thinQ). */
  | 'COMMIO'
  /** Dart Media. */
  | 'DART_MEDIA'
  /** dMark. */
  | 'DMARK'
  /** 8x8. */
  | 'EIGHT_BY_EIGHT'
  /** 46elks. */
  | 'ELKS46'
  /** Gammu SMSD. */
  | 'GAMMU'
  /** GatewayAPI. */
  | 'GATEWAYAPI'
  /** Generic. */
  | 'GENERIC'
  /** Globe Labs. */
  | 'GLOBE_LABS'
  /** High Connexion. */
  | 'HIGH_CONNEXION'
  /** Hormuud. */
  | 'HORMUUD'
  /** httpSMS. */
  | 'HTTPSMS'
  /** Hub9. */
  | 'HUB9'
  /** i2SMS. */
  | 'I2SMS'
  /** Infobip. */
  | 'INFOBIP'
  /** Jasmin. */
  | 'JASMIN'
  /** JustCall. */
  | 'JUSTCALL'
  /** Kannel. */
  | 'KANNEL'
  /** Kudosity (Burst SMS). */
  | 'KUDOSITY'
  /** LOX24. */
  | 'LOX24'
  /** LOX24 (older webhooks). */
  | 'LOX24_OLDER'
  /** M3Tech. */
  | 'M3TECH'
  /** Macrokiosk. */
  | 'MACROKIOSK'
  /** MailSlurp. */
  | 'MAILSLURP'
  /** MessageBird (classic). */
  | 'MESSAGEBIRD'
  /** Messangi. */
  | 'MESSANGI'
  /** Mtarget. */
  | 'MTARGET'
  /** MTN. */
  | 'MTN'
  /** Novo. */
  | 'NOVO'
  /** Play Mobile. */
  | 'PLAY_MOBILE'
  /** Plivo. */
  | 'PLIVO'
  /** Sandbox. */
  | 'SANDBOX'
  /** seven. */
  | 'SEVEN'
  /** SignalWire. */
  | 'SIGNALWIRE'
  /** Sinch SMS. */
  | 'SINCH'
  /** Sinch Conversation API. */
  | 'SINCH_CONVERSATION'
  /** SMSCentral. */
  | 'SMS_CENTRAL'
  /** SMS Gateway for Android. */
  | 'SMS_GATEWAY_ANDROID'
  /** SMSPortal. */
  | 'SMS_PORTAL'
  /** Start Mobile. */
  | 'START_MOBILE'
  /** Telesom. */
  | 'TELESOM'
  /** Telnyx. */
  | 'TELNYX'
  /** textbee. */
  | 'TEXTBEE'
  /** Twilio. */
  | 'TWILIO'
  /** Vonage Messages API. */
  | 'VONAGE'
  /** Vonage SMS API. */
  | 'VONAGE_SMS'
  /** Wavy (Sinch Latin America). */
  | 'WAVY'
  /** Yo! Uganda. */
  | 'YO_UGANDA'
  /** Zenvia. */
  | 'ZENVIA';

/** Who you are. */
export type RegisterInput = {
  /** Your e-mail address. */
  email: string;
  /** Given name, at most 100 characters. */
  firstName?: string | null | undefined;
  /** The token of your invitation. Needed where registration is by invitation. */
  invitation?: string | null | undefined;
  /** Family name, at most 100 characters. */
  lastName?: string | null | undefined;
  /** 8 to 128 characters, and not easy to guess. */
  password: string;
};

/** What you give back. */
export type ReleasePhoneNumberInput = {
  /** A number that you rent now. */
  phoneNumberId: string | number;
};

/** A new password. */
export type ResetPasswordInput = {
  /** 8 to 128 characters, and not easy to guess. */
  password: string;
  /** The token from the mail. */
  token: string;
};

/** Which key to revoke. */
export type RevokeApiKeyInput = {
  /** One of your keys. */
  apiKeyId: string | number;
};

/** What is to go. */
export type RevokeInvitationInput = {
  /** The invitation. */
  invitationId: string | number;
};

/** What a number is to be used for. */
export type SetPhoneNumberStatusInput = {
  /** The number. */
  phoneNumberId: string | number;
  /** Whether it can be rented. */
  status: PhoneNumberUse;
};

/** A message as a provider might bring it. */
export type SimulateInboundSmsInput = {
  /** The sender: a number, a short code, or a name. */
  from: string;
  /** The text. */
  text: string;
  /** One of the platform's numbers: E.164, or a short code. */
  to: string;
};

/** What is to go. */
export type UnblockSenderInput = {
  /** The blocked sender. */
  blockedSenderId: string | number;
};

/** What changes about a pattern. What is left out stays, and so does whose messages it is for. */
export type UpdateOtpPatternInput = {
  /** Whether it is used. */
  isActive?: boolean | null | undefined;
  /** The pattern. */
  otpPatternId: string | number;
  /** A new regular expression, as `createOtpPattern` takes it. */
  pattern?: string | null | undefined;
  /** Whose codes it finds, where it does not capture that. An empty one takes it away. */
  service?: string | null | undefined;
};

/** What changes about an account. What is left out stays. */
export type UpdateProviderInput = {
  /** A new second secret in the address. An empty one takes it away. */
  addressToken?: string | null | undefined;
  /** What its adapter has to know, as a whole. */
  configuration?: unknown;
  /** Whether the secret before stops at once. For one that has leaked. */
  endPreviousSecret?: boolean;
  /** Whether its webhooks are taken. */
  isActive?: boolean | null | undefined;
  /** Whose numbers are rented first: 1 to 1000, the lowest. */
  priority?: number | null | undefined;
  /** The account. */
  providerId: string | number;
  /** How many webhooks a minute are taken of it: 1 to 1000000. */
  rateLimitPerMinute?: number | null | undefined;
  /**
   * A new secret. The one before it is honoured until a webhook has been verified with the new one, so that nothing
   * is lost while the provider is told.
   */
  secret?: string | null | undefined;
};

/** What an administrator changes about a user. What is left out stays. */
export type UpdateUserInput = {
  /** Whether they may sign in. Whoever may not loses what they have open. */
  isActive?: boolean | null | undefined;
  /** What they pay for. */
  plan?: UserPlan | null | undefined;
  /** What they may do. */
  role?: UserRole | null | undefined;
  /** The user. */
  userId: string | number;
};

/** What you change about yourself. What is left out stays. */
export type UpdateViewerInput = {
  /** Given name, at most 100 characters; an empty one or null removes it. */
  firstName?: string | null | undefined;
  /** Family name, at most 100 characters; an empty one or null removes it. */
  lastName?: string | null | undefined;
};

/** Which users to list. */
export type UserFilter = {
  /** Only those whose address has this in it, in whatever case. */
  emailContains?: string | null | undefined;
  /** Only those who may sign in, or only those who may not. */
  isActive?: boolean | null | undefined;
  /** Only those of this plan. */
  plan?: UserPlan | null | undefined;
  /** Only those who may do this. */
  role?: UserRole | null | undefined;
};

/** What a user pays for. */
export type UserPlan =
  /** Nothing. */
  | 'FREE'
  /** More numbers at once, and more requests a minute. */
  | 'PREMIUM';

/** What a user may do. */
export type UserRole =
  /** Run the platform. */
  | 'ADMIN'
  /** Rent numbers and read their messages. */
  | 'USER';

/** A token from a mail. */
export type VerifyEmailInput = {
  /** The token from the mail. */
  token: string;
};

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { id: string, email: string, firstName: string | null, lastName: string | null, role: UserRole, plan: UserPlan, emailVerified: boolean } | null };

export type RegisterMutationVariables = Exact<{
  input: RegisterInput;
}>;


export type RegisterMutation = { register: { user: { id: string, emailVerified: boolean } } | null };

export type VerifyEmailMutationVariables = Exact<{
  input: VerifyEmailInput;
}>;


export type VerifyEmailMutation = { verifyEmail: { message: string } | null };

export type ResendVerificationEmailMutationVariables = Exact<{
  input: MailInput;
}>;


export type ResendVerificationEmailMutation = { resendVerificationEmail: { message: string } | null };

export type RequestPasswordResetMutationVariables = Exact<{
  input: MailInput;
}>;


export type RequestPasswordResetMutation = { requestPasswordReset: { message: string } | null };

export type ResetPasswordMutationVariables = Exact<{
  input: ResetPasswordInput;
}>;


export type ResetPasswordMutation = { resetPassword: { message: string } | null };

export type UpdateViewerMutationVariables = Exact<{
  input: UpdateViewerInput;
}>;


export type UpdateViewerMutation = { updateViewer: { user: { id: string, firstName: string | null, lastName: string | null } } | null };

export type SessionsQueryVariables = Exact<{ [key: string]: never; }>;


export type SessionsQuery = { sessions: Array<{ id: string, isCurrent: boolean, userAgent: string | null, ipAddress: string | null, createdAt: string, lastUsedAt: string }> | null };

export type EndSessionMutationVariables = Exact<{
  input: EndSessionInput;
}>;


export type EndSessionMutation = { endSession: { message: string } | null };

export type LogOutEverywhereMutationVariables = Exact<{ [key: string]: never; }>;


export type LogOutEverywhereMutation = { logOutEverywhere: { message: string } | null };

export type ApiKeysQueryVariables = Exact<{ [key: string]: never; }>;


export type ApiKeysQuery = { apiKeys: Array<{ id: string, name: string, prefix: string, scopes: Array<ApiKeyScope>, createdAt: string, lastUsedAt: string | null, expiresAt: string | null }> | null };

export type CreateApiKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type CreateApiKeyMutation = { createApiKey: { key: string, apiKey: { id: string } } | null };

export type RevokeApiKeyMutationVariables = Exact<{
  input: RevokeApiKeyInput;
}>;


export type RevokeApiKeyMutation = { revokeApiKey: { message: string } | null };

export type OverviewQueryVariables = Exact<{ [key: string]: never; }>;


export type OverviewQuery = { stats: { messageCount: number, openConnectionCount: number, phoneNumbers: { available: number, assigned: number, expired: number, blocked: number }, users: { total: number, active: number, premium: number }, webhooks: { received: number, duplicate: number, quarantined: number, unroutable: number, failed: number } } | null };

export type ProviderSummaryFragment = { id: string, name: string, kind: ProviderKind, isActive: boolean, priority: number, rateLimitPerMinute: number, configuration: unknown, hasAddressToken: boolean, secretChangedAt: string | null, secretVerifiedAt: string | null, webhookPath: string, statusCallbackPath: string, createdAt: string, health: { messageCount: number, failureCount: number, duplicateCount: number, refusalCount: number, limitedCount: number, unroutableCount: number, hasWeakSecret: boolean, lastMessageAt: string | null, lastFailureAt: string | null, lastRefusalAt: string | null, lastRefusalReason: string | null } | null };

export type ProvidersQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type ProvidersQuery = { providers: { nodes: Array<{ id: string, name: string, kind: ProviderKind, isActive: boolean, priority: number, rateLimitPerMinute: number, configuration: unknown, hasAddressToken: boolean, secretChangedAt: string | null, secretVerifiedAt: string | null, webhookPath: string, statusCallbackPath: string, createdAt: string, health: { messageCount: number, failureCount: number, duplicateCount: number, refusalCount: number, limitedCount: number, unroutableCount: number, hasWeakSecret: boolean, lastMessageAt: string | null, lastFailureAt: string | null, lastRefusalAt: string | null, lastRefusalReason: string | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ProviderQueryVariables = Exact<{
  id: string | number;
}>;


export type ProviderQuery = { node:
    | { id: string, name: string, kind: ProviderKind, isActive: boolean, priority: number, rateLimitPerMinute: number, configuration: unknown, hasAddressToken: boolean, secretChangedAt: string | null, secretVerifiedAt: string | null, webhookPath: string, statusCallbackPath: string, createdAt: string, health: { messageCount: number, failureCount: number, duplicateCount: number, refusalCount: number, limitedCount: number, unroutableCount: number, hasWeakSecret: boolean, lastMessageAt: string | null, lastFailureAt: string | null, lastRefusalAt: string | null, lastRefusalReason: string | null } | null }
    | Record<PropertyKey, never>
   | null };

export type ProviderKindsQueryVariables = Exact<{ [key: string]: never; }>;


export type ProviderKindsQuery = { providerKinds: Array<{ kind: ProviderKind, title: string, secret: string, isPreset: boolean, settings: Array<{ name: string, description: string }> }> | null };

export type CreateProviderMutationVariables = Exact<{
  input: CreateProviderInput;
}>;


export type CreateProviderMutation = { createProvider: { generatedSecret: string | null, provider: { id: string, name: string, kind: ProviderKind, isActive: boolean, priority: number, rateLimitPerMinute: number, configuration: unknown, hasAddressToken: boolean, secretChangedAt: string | null, secretVerifiedAt: string | null, webhookPath: string, statusCallbackPath: string, createdAt: string, health: { messageCount: number, failureCount: number, duplicateCount: number, refusalCount: number, limitedCount: number, unroutableCount: number, hasWeakSecret: boolean, lastMessageAt: string | null, lastFailureAt: string | null, lastRefusalAt: string | null, lastRefusalReason: string | null } | null } } | null };

export type UpdateProviderMutationVariables = Exact<{
  input: UpdateProviderInput;
}>;


export type UpdateProviderMutation = { updateProvider: { provider: { id: string, name: string, kind: ProviderKind, isActive: boolean, priority: number, rateLimitPerMinute: number, configuration: unknown, hasAddressToken: boolean, secretChangedAt: string | null, secretVerifiedAt: string | null, webhookPath: string, statusCallbackPath: string, createdAt: string, health: { messageCount: number, failureCount: number, duplicateCount: number, refusalCount: number, limitedCount: number, unroutableCount: number, hasWeakSecret: boolean, lastMessageAt: string | null, lastFailureAt: string | null, lastRefusalAt: string | null, lastRefusalReason: string | null } | null } } | null };

export type SimulateInboundSmsMutationVariables = Exact<{
  input: SimulateInboundSmsInput;
}>;


export type SimulateInboundSmsMutation = { simulateInboundSms: { outcome: InboundSmsOutcome, message: { id: string, otp: { code: string, service: string | null } | null } | null } | null };

export type AllNumbersQueryVariables = Exact<{
  filter?: PhoneNumberFilter | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type AllNumbersQuery = { phoneNumbers: { totalCount: number | null, nodes: Array<{ id: string, phoneNumber: string, countryCode: string, status: PhoneNumberStatus, assignedAt: string | null, expiresAt: string | null, label: string | null, isGranted: boolean, provider: { id: string, name: string } | null, renter: { id: string, email: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ImportPhoneNumbersMutationVariables = Exact<{
  input: ImportPhoneNumbersInput;
}>;


export type ImportPhoneNumbersMutation = { importPhoneNumbers: { addedIds: Array<string>, knownCount: number, rejected: Array<{ index: number, message: string }> } | null };

export type SetPhoneNumberStatusMutationVariables = Exact<{
  input: SetPhoneNumberStatusInput;
}>;


export type SetPhoneNumberStatusMutation = { setPhoneNumberStatus: { phoneNumber: { id: string, phoneNumber: string, countryCode: string, status: PhoneNumberStatus, assignedAt: string | null, expiresAt: string | null, label: string | null, isGranted: boolean } } | null };

export type DeliveryReportsQueryVariables = Exact<{
  filter?: DeliveryReportFilter | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type DeliveryReportsQuery = { deliveryReports: { nodes: Array<{ id: string, kind: DeliveryReportKind, status: DeliveryReportStatus, reason: DeliveryReportReason | null, phoneNumber: string | null, providerMessageId: string | null, providerStatus: string | null, messageId: string | null, errorMessage: string | null, retryCount: number, createdAt: string, payload: unknown, provider: { id: string, name: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MessageTimelineQueryVariables = Exact<{
  messageId: string | number;
}>;


export type MessageTimelineQuery = { messageTimeline: { messageId: string, milliseconds: number, stages: Array<{ stage: MessageStage, at: string, milliseconds: number | null }> } | null };

export type UsersQueryVariables = Exact<{
  filter?: UserFilter | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type UsersQuery = { users: { totalCount: number | null, nodes: Array<{ id: string, email: string, firstName: string | null, lastName: string | null, role: UserRole, plan: UserPlan, isActive: boolean, emailVerified: boolean, createdAt: string, lastLogin: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type UpdateUserMutationVariables = Exact<{
  input: UpdateUserInput;
}>;


export type UpdateUserMutation = { updateUser: { user: { id: string, role: UserRole, plan: UserPlan, isActive: boolean } } | null };

export type AuditLogQueryVariables = Exact<{
  filter?: AuditFilter | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type AuditLogQuery = { auditLog: { nodes: Array<{ id: string, action: AuditAction, target: string | null, details: unknown, createdAt: string, actor: { id: string, email: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type OtpPatternsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type OtpPatternsQuery = { otpPatterns: { nodes: Array<{ id: string, pattern: string, sender: string | null, service: string | null, isActive: boolean, createdAt: string, provider: { id: string, name: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type TestOtpPatternQueryVariables = Exact<{
  pattern: string;
  text: string;
}>;


export type TestOtpPatternQuery = { testOtpPattern: { code: string, service: string | null } | null };

export type CreateOtpPatternMutationVariables = Exact<{
  input: CreateOtpPatternInput;
}>;


export type CreateOtpPatternMutation = { createOtpPattern: { otpPattern: { id: string } } | null };

export type UpdateOtpPatternMutationVariables = Exact<{
  input: UpdateOtpPatternInput;
}>;


export type UpdateOtpPatternMutation = { updateOtpPattern: { otpPattern: { id: string } } | null };

export type DeleteOtpPatternMutationVariables = Exact<{
  input: DeleteOtpPatternInput;
}>;


export type DeleteOtpPatternMutation = { deleteOtpPattern: { deletedOtpPatternId: string } | null };

export type InvitationsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type InvitationsQuery = { invitations: { nodes: Array<{ id: string, status: InvitationStatus, email: string | null, plan: UserPlan, isMailed: boolean, createdAt: string, expiresAt: string, usedBy: { id: string, email: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type CreateInvitationMutationVariables = Exact<{
  input: CreateInvitationInput;
}>;


export type CreateInvitationMutation = { createInvitation: { token: string | null, link: string | null } | null };

export type RevokeInvitationMutationVariables = Exact<{
  input: RevokeInvitationInput;
}>;


export type RevokeInvitationMutation = { revokeInvitation: { revokedInvitationId: string } | null };

export type BlockedSendersQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type BlockedSendersQuery = { blockedSenders: { nodes: Array<{ id: string, sender: string, note: string | null, createdAt: string, createdBy: { id: string, email: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type BlockSenderMutationVariables = Exact<{
  input: BlockSenderInput;
}>;


export type BlockSenderMutation = { blockSender: { blockedSender: { id: string } } | null };

export type UnblockSenderMutationVariables = Exact<{
  input: UnblockSenderInput;
}>;


export type UnblockSenderMutation = { unblockSender: { unblockedSenderId: string } | null };

export type InboxMessageFragment = { id: string, phoneNumber: string, phoneNumberId: string, senderNumber: string, messageContent: string, messageType: MessageType, channel: Channel, receivedAt: string, isRead: boolean, otp: { code: string, service: string | null } | null, media: Array<{ url: string, contentType: string | null }> };

export type MessagesQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type MessagesQuery = { messages: { latestCursor: string, nodes: Array<{ id: string, phoneNumber: string, phoneNumberId: string, senderNumber: string, messageContent: string, messageType: MessageType, channel: Channel, receivedAt: string, isRead: boolean, otp: { code: string, service: string | null } | null, media: Array<{ url: string, contentType: string | null }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MessageReceivedSubscriptionVariables = Exact<{
  after: string;
}>;


export type MessageReceivedSubscription = { messageReceived: { cursor: string, message: { id: string, phoneNumber: string, phoneNumberId: string, senderNumber: string, messageContent: string, messageType: MessageType, channel: Channel, receivedAt: string, isRead: boolean, otp: { code: string, service: string | null } | null, media: Array<{ url: string, contentType: string | null }> } } | null };

export type MarkMessageReadMutationVariables = Exact<{
  input: MarkMessageReadInput;
}>;


export type MarkMessageReadMutation = { markMessageRead: { message: { id: string, isRead: boolean } } | null };

export type MarkAllMessagesReadMutationVariables = Exact<{
  input: MarkAllMessagesReadInput;
}>;


export type MarkAllMessagesReadMutation = { markAllMessagesRead: { markedCount: number } | null };

export type DeleteMessageMutationVariables = Exact<{
  input: DeleteMessageInput;
}>;


export type DeleteMessageMutation = { deleteMessage: { deletedMessageId: string } | null };

export type RentedNumberFragment = { id: string, phoneNumber: string, countryCode: string, status: PhoneNumberStatus, assignedAt: string | null, expiresAt: string | null, label: string | null, isGranted: boolean };

export type NumbersQueryVariables = Exact<{ [key: string]: never; }>;


export type NumbersQuery = { phoneNumbers: { nodes: Array<{ id: string, phoneNumber: string, countryCode: string, status: PhoneNumberStatus, assignedAt: string | null, expiresAt: string | null, label: string | null, isGranted: boolean }> } | null, countries: Array<{ code: string, availableCount: number }> | null };

export type PhoneNumberUpdatedSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type PhoneNumberUpdatedSubscription = { phoneNumberUpdated: { id: string, phoneNumber: string, countryCode: string, status: PhoneNumberStatus, assignedAt: string | null, expiresAt: string | null, label: string | null, isGranted: boolean } | null };

export type AssignPhoneNumberMutationVariables = Exact<{
  input: AssignPhoneNumberInput;
}>;


export type AssignPhoneNumberMutation = { assignPhoneNumber: { phoneNumber: { id: string, phoneNumber: string, countryCode: string, status: PhoneNumberStatus, assignedAt: string | null, expiresAt: string | null, label: string | null, isGranted: boolean } } | null };

export type ExtendPhoneNumberMutationVariables = Exact<{
  input: ExtendPhoneNumberInput;
}>;


export type ExtendPhoneNumberMutation = { extendPhoneNumber: { phoneNumber: { id: string, phoneNumber: string, countryCode: string, status: PhoneNumberStatus, assignedAt: string | null, expiresAt: string | null, label: string | null, isGranted: boolean } } | null };

export type ReleasePhoneNumberMutationVariables = Exact<{
  input: ReleasePhoneNumberInput;
}>;


export type ReleasePhoneNumberMutation = { releasePhoneNumber: { phoneNumber: { id: string, phoneNumber: string, countryCode: string, status: PhoneNumberStatus, assignedAt: string | null, expiresAt: string | null, label: string | null, isGranted: boolean } } | null };

export type LabelPhoneNumberMutationVariables = Exact<{
  input: LabelPhoneNumberInput;
}>;


export type LabelPhoneNumberMutation = { labelPhoneNumber: { phoneNumber: { id: string, phoneNumber: string, countryCode: string, status: PhoneNumberStatus, assignedAt: string | null, expiresAt: string | null, label: string | null, isGranted: boolean } } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const ProviderSummaryFragmentDoc = new TypedDocumentString(`
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}
    `, {"fragmentName":"ProviderSummary"}) as unknown as TypedDocumentString<ProviderSummaryFragment, unknown>;
export const InboxMessageFragmentDoc = new TypedDocumentString(`
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  channel
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}
    `, {"fragmentName":"InboxMessage"}) as unknown as TypedDocumentString<InboxMessageFragment, unknown>;
export const RentedNumberFragmentDoc = new TypedDocumentString(`
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}
    `, {"fragmentName":"RentedNumber"}) as unknown as TypedDocumentString<RentedNumberFragment, unknown>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    id
    email
    firstName
    lastName
    role
    plan
    emailVerified
  }
}
    `) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;
export const RegisterDocument = new TypedDocumentString(`
    mutation Register($input: RegisterInput!) {
  register(input: $input) {
    user {
      id
      emailVerified
    }
  }
}
    `) as unknown as TypedDocumentString<RegisterMutation, RegisterMutationVariables>;
export const VerifyEmailDocument = new TypedDocumentString(`
    mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    message
  }
}
    `) as unknown as TypedDocumentString<VerifyEmailMutation, VerifyEmailMutationVariables>;
export const ResendVerificationEmailDocument = new TypedDocumentString(`
    mutation ResendVerificationEmail($input: MailInput!) {
  resendVerificationEmail(input: $input) {
    message
  }
}
    `) as unknown as TypedDocumentString<ResendVerificationEmailMutation, ResendVerificationEmailMutationVariables>;
export const RequestPasswordResetDocument = new TypedDocumentString(`
    mutation RequestPasswordReset($input: MailInput!) {
  requestPasswordReset(input: $input) {
    message
  }
}
    `) as unknown as TypedDocumentString<RequestPasswordResetMutation, RequestPasswordResetMutationVariables>;
export const ResetPasswordDocument = new TypedDocumentString(`
    mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    message
  }
}
    `) as unknown as TypedDocumentString<ResetPasswordMutation, ResetPasswordMutationVariables>;
export const UpdateViewerDocument = new TypedDocumentString(`
    mutation UpdateViewer($input: UpdateViewerInput!) {
  updateViewer(input: $input) {
    user {
      id
      firstName
      lastName
    }
  }
}
    `) as unknown as TypedDocumentString<UpdateViewerMutation, UpdateViewerMutationVariables>;
export const SessionsDocument = new TypedDocumentString(`
    query Sessions {
  sessions {
    id
    isCurrent
    userAgent
    ipAddress
    createdAt
    lastUsedAt
  }
}
    `) as unknown as TypedDocumentString<SessionsQuery, SessionsQueryVariables>;
export const EndSessionDocument = new TypedDocumentString(`
    mutation EndSession($input: EndSessionInput!) {
  endSession(input: $input) {
    message
  }
}
    `) as unknown as TypedDocumentString<EndSessionMutation, EndSessionMutationVariables>;
export const LogOutEverywhereDocument = new TypedDocumentString(`
    mutation LogOutEverywhere {
  logOutEverywhere {
    message
  }
}
    `) as unknown as TypedDocumentString<LogOutEverywhereMutation, LogOutEverywhereMutationVariables>;
export const ApiKeysDocument = new TypedDocumentString(`
    query ApiKeys {
  apiKeys {
    id
    name
    prefix
    scopes
    createdAt
    lastUsedAt
    expiresAt
  }
}
    `) as unknown as TypedDocumentString<ApiKeysQuery, ApiKeysQueryVariables>;
export const CreateApiKeyDocument = new TypedDocumentString(`
    mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    key
    apiKey {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CreateApiKeyMutation, CreateApiKeyMutationVariables>;
export const RevokeApiKeyDocument = new TypedDocumentString(`
    mutation RevokeApiKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) {
    message
  }
}
    `) as unknown as TypedDocumentString<RevokeApiKeyMutation, RevokeApiKeyMutationVariables>;
export const OverviewDocument = new TypedDocumentString(`
    query Overview {
  stats {
    messageCount
    openConnectionCount
    phoneNumbers {
      available
      assigned
      expired
      blocked
    }
    users {
      total
      active
      premium
    }
    webhooks {
      received
      duplicate
      quarantined
      unroutable
      failed
    }
  }
}
    `) as unknown as TypedDocumentString<OverviewQuery, OverviewQueryVariables>;
export const ProvidersDocument = new TypedDocumentString(`
    query Providers($first: Int!, $after: String) {
  providers(first: $first, after: $after) {
    nodes {
      ...ProviderSummary
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`) as unknown as TypedDocumentString<ProvidersQuery, ProvidersQueryVariables>;
export const ProviderDocument = new TypedDocumentString(`
    query Provider($id: ID!) {
  node(id: $id) {
    ...ProviderSummary
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`) as unknown as TypedDocumentString<ProviderQuery, ProviderQueryVariables>;
export const ProviderKindsDocument = new TypedDocumentString(`
    query ProviderKinds {
  providerKinds {
    kind
    title
    secret
    isPreset
    settings {
      name
      description
    }
  }
}
    `) as unknown as TypedDocumentString<ProviderKindsQuery, ProviderKindsQueryVariables>;
export const CreateProviderDocument = new TypedDocumentString(`
    mutation CreateProvider($input: CreateProviderInput!) {
  createProvider(input: $input) {
    generatedSecret
    provider {
      ...ProviderSummary
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`) as unknown as TypedDocumentString<CreateProviderMutation, CreateProviderMutationVariables>;
export const UpdateProviderDocument = new TypedDocumentString(`
    mutation UpdateProvider($input: UpdateProviderInput!) {
  updateProvider(input: $input) {
    provider {
      ...ProviderSummary
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`) as unknown as TypedDocumentString<UpdateProviderMutation, UpdateProviderMutationVariables>;
export const SimulateInboundSmsDocument = new TypedDocumentString(`
    mutation SimulateInboundSms($input: SimulateInboundSmsInput!) {
  simulateInboundSms(input: $input) {
    outcome
    message {
      id
      otp {
        code
        service
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SimulateInboundSmsMutation, SimulateInboundSmsMutationVariables>;
export const AllNumbersDocument = new TypedDocumentString(`
    query AllNumbers($filter: PhoneNumberFilter, $first: Int!, $after: String) {
  phoneNumbers(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      ...RentedNumber
      provider {
        id
        name
      }
      renter {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`) as unknown as TypedDocumentString<AllNumbersQuery, AllNumbersQueryVariables>;
export const ImportPhoneNumbersDocument = new TypedDocumentString(`
    mutation ImportPhoneNumbers($input: ImportPhoneNumbersInput!) {
  importPhoneNumbers(input: $input) {
    addedIds
    knownCount
    rejected {
      index
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ImportPhoneNumbersMutation, ImportPhoneNumbersMutationVariables>;
export const SetPhoneNumberStatusDocument = new TypedDocumentString(`
    mutation SetPhoneNumberStatus($input: SetPhoneNumberStatusInput!) {
  setPhoneNumberStatus(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`) as unknown as TypedDocumentString<SetPhoneNumberStatusMutation, SetPhoneNumberStatusMutationVariables>;
export const DeliveryReportsDocument = new TypedDocumentString(`
    query DeliveryReports($filter: DeliveryReportFilter, $first: Int!, $after: String) {
  deliveryReports(filter: $filter, first: $first, after: $after) {
    nodes {
      id
      kind
      status
      reason
      phoneNumber
      providerMessageId
      providerStatus
      messageId
      errorMessage
      retryCount
      createdAt
      payload
      provider {
        id
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<DeliveryReportsQuery, DeliveryReportsQueryVariables>;
export const MessageTimelineDocument = new TypedDocumentString(`
    query MessageTimeline($messageId: ID!) {
  messageTimeline(messageId: $messageId) {
    messageId
    milliseconds
    stages {
      stage
      at
      milliseconds
    }
  }
}
    `) as unknown as TypedDocumentString<MessageTimelineQuery, MessageTimelineQueryVariables>;
export const UsersDocument = new TypedDocumentString(`
    query Users($filter: UserFilter, $first: Int!, $after: String) {
  users(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      id
      email
      firstName
      lastName
      role
      plan
      isActive
      emailVerified
      createdAt
      lastLogin
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<UsersQuery, UsersQueryVariables>;
export const UpdateUserDocument = new TypedDocumentString(`
    mutation UpdateUser($input: UpdateUserInput!) {
  updateUser(input: $input) {
    user {
      id
      role
      plan
      isActive
    }
  }
}
    `) as unknown as TypedDocumentString<UpdateUserMutation, UpdateUserMutationVariables>;
export const AuditLogDocument = new TypedDocumentString(`
    query AuditLog($filter: AuditFilter, $first: Int!, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) {
    nodes {
      id
      action
      target
      details
      createdAt
      actor {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<AuditLogQuery, AuditLogQueryVariables>;
export const OtpPatternsDocument = new TypedDocumentString(`
    query OtpPatterns($first: Int!, $after: String) {
  otpPatterns(first: $first, after: $after) {
    nodes {
      id
      pattern
      sender
      service
      isActive
      createdAt
      provider {
        id
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<OtpPatternsQuery, OtpPatternsQueryVariables>;
export const TestOtpPatternDocument = new TypedDocumentString(`
    query TestOtpPattern($pattern: String!, $text: String!) {
  testOtpPattern(pattern: $pattern, text: $text) {
    code
    service
  }
}
    `) as unknown as TypedDocumentString<TestOtpPatternQuery, TestOtpPatternQueryVariables>;
export const CreateOtpPatternDocument = new TypedDocumentString(`
    mutation CreateOtpPattern($input: CreateOtpPatternInput!) {
  createOtpPattern(input: $input) {
    otpPattern {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CreateOtpPatternMutation, CreateOtpPatternMutationVariables>;
export const UpdateOtpPatternDocument = new TypedDocumentString(`
    mutation UpdateOtpPattern($input: UpdateOtpPatternInput!) {
  updateOtpPattern(input: $input) {
    otpPattern {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<UpdateOtpPatternMutation, UpdateOtpPatternMutationVariables>;
export const DeleteOtpPatternDocument = new TypedDocumentString(`
    mutation DeleteOtpPattern($input: DeleteOtpPatternInput!) {
  deleteOtpPattern(input: $input) {
    deletedOtpPatternId
  }
}
    `) as unknown as TypedDocumentString<DeleteOtpPatternMutation, DeleteOtpPatternMutationVariables>;
export const InvitationsDocument = new TypedDocumentString(`
    query Invitations($first: Int!, $after: String) {
  invitations(first: $first, after: $after) {
    nodes {
      id
      status
      email
      plan
      isMailed
      createdAt
      expiresAt
      usedBy {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<InvitationsQuery, InvitationsQueryVariables>;
export const CreateInvitationDocument = new TypedDocumentString(`
    mutation CreateInvitation($input: CreateInvitationInput!) {
  createInvitation(input: $input) {
    token
    link
  }
}
    `) as unknown as TypedDocumentString<CreateInvitationMutation, CreateInvitationMutationVariables>;
export const RevokeInvitationDocument = new TypedDocumentString(`
    mutation RevokeInvitation($input: RevokeInvitationInput!) {
  revokeInvitation(input: $input) {
    revokedInvitationId
  }
}
    `) as unknown as TypedDocumentString<RevokeInvitationMutation, RevokeInvitationMutationVariables>;
export const BlockedSendersDocument = new TypedDocumentString(`
    query BlockedSenders($first: Int!, $after: String) {
  blockedSenders(first: $first, after: $after) {
    nodes {
      id
      sender
      note
      createdAt
      createdBy {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<BlockedSendersQuery, BlockedSendersQueryVariables>;
export const BlockSenderDocument = new TypedDocumentString(`
    mutation BlockSender($input: BlockSenderInput!) {
  blockSender(input: $input) {
    blockedSender {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<BlockSenderMutation, BlockSenderMutationVariables>;
export const UnblockSenderDocument = new TypedDocumentString(`
    mutation UnblockSender($input: UnblockSenderInput!) {
  unblockSender(input: $input) {
    unblockedSenderId
  }
}
    `) as unknown as TypedDocumentString<UnblockSenderMutation, UnblockSenderMutationVariables>;
export const MessagesDocument = new TypedDocumentString(`
    query Messages($first: Int!, $after: String) {
  messages(first: $first, after: $after) {
    latestCursor
    nodes {
      ...InboxMessage
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  channel
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}`) as unknown as TypedDocumentString<MessagesQuery, MessagesQueryVariables>;
export const MessageReceivedDocument = new TypedDocumentString(`
    subscription MessageReceived($after: String!) {
  messageReceived(after: $after) {
    cursor
    message {
      ...InboxMessage
    }
  }
}
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  channel
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}`) as unknown as TypedDocumentString<MessageReceivedSubscription, MessageReceivedSubscriptionVariables>;
export const MarkMessageReadDocument = new TypedDocumentString(`
    mutation MarkMessageRead($input: MarkMessageReadInput!) {
  markMessageRead(input: $input) {
    message {
      id
      isRead
    }
  }
}
    `) as unknown as TypedDocumentString<MarkMessageReadMutation, MarkMessageReadMutationVariables>;
export const MarkAllMessagesReadDocument = new TypedDocumentString(`
    mutation MarkAllMessagesRead($input: MarkAllMessagesReadInput!) {
  markAllMessagesRead(input: $input) {
    markedCount
  }
}
    `) as unknown as TypedDocumentString<MarkAllMessagesReadMutation, MarkAllMessagesReadMutationVariables>;
export const DeleteMessageDocument = new TypedDocumentString(`
    mutation DeleteMessage($input: DeleteMessageInput!) {
  deleteMessage(input: $input) {
    deletedMessageId
  }
}
    `) as unknown as TypedDocumentString<DeleteMessageMutation, DeleteMessageMutationVariables>;
export const NumbersDocument = new TypedDocumentString(`
    query Numbers {
  phoneNumbers(filter: {mine: true}, first: 100) {
    nodes {
      ...RentedNumber
    }
  }
  countries {
    code
    availableCount
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`) as unknown as TypedDocumentString<NumbersQuery, NumbersQueryVariables>;
export const PhoneNumberUpdatedDocument = new TypedDocumentString(`
    subscription PhoneNumberUpdated {
  phoneNumberUpdated {
    ...RentedNumber
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`) as unknown as TypedDocumentString<PhoneNumberUpdatedSubscription, PhoneNumberUpdatedSubscriptionVariables>;
export const AssignPhoneNumberDocument = new TypedDocumentString(`
    mutation AssignPhoneNumber($input: AssignPhoneNumberInput!) {
  assignPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`) as unknown as TypedDocumentString<AssignPhoneNumberMutation, AssignPhoneNumberMutationVariables>;
export const ExtendPhoneNumberDocument = new TypedDocumentString(`
    mutation ExtendPhoneNumber($input: ExtendPhoneNumberInput!) {
  extendPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`) as unknown as TypedDocumentString<ExtendPhoneNumberMutation, ExtendPhoneNumberMutationVariables>;
export const ReleasePhoneNumberDocument = new TypedDocumentString(`
    mutation ReleasePhoneNumber($input: ReleasePhoneNumberInput!) {
  releasePhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`) as unknown as TypedDocumentString<ReleasePhoneNumberMutation, ReleasePhoneNumberMutationVariables>;
export const LabelPhoneNumberDocument = new TypedDocumentString(`
    mutation LabelPhoneNumber($input: LabelPhoneNumberInput!) {
  labelPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`) as unknown as TypedDocumentString<LabelPhoneNumberMutation, LabelPhoneNumberMutationVariables>;