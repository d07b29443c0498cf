/** Curves on which documents are signed, as OpenSSL and as the Web Cryptography API call them. */
export const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }
