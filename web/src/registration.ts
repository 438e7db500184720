// Who may make an account. The server writes it into the page (src/pages/mod.rs), so that nothing has to be asked for.

const tag = document.querySelector<HTMLMetaElement>('meta[name="registration"]');

/** `open` for everybody, `invite` for whoever has an invitation, `closed` for nobody. */
export const registration = tag?.content ?? 'open';

/** The only domains that addresses of new accounts may have; none means any. */
export const emailDomains = tag?.dataset['domains']?.split(' ').filter(Boolean) ?? [];
