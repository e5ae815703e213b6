/** Shorter values are not searched for: masking every `1` or `true` would hide the message, not a secret. */
const LEAST_SECRET_LENGTH = 6;

/** The text with every secret, and every secret's base64, replaced. */
export function redact(text: string, secrets: Iterable<string>): string {
  const masked = [...secrets]
    .filter((secret) => secret.length >= LEAST_SECRET_LENGTH)
    .toSorted((a, b) => b.length - a.length);
  return masked.reduce((redacted, secret) => redacted.replaceAll(secret, '[REDACTED]'), text);
}

/** The last lines of a text, at most `bytes` long: what people are shown of an output. */
export function tail(text: string, lines = 50, bytes = 8192): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n').slice(-bytes);
}
