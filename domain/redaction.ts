/** Shorter values are not searched for: masking every `1` or `true` would hide the message, not a secret. */
const LEAST_SECRET_LENGTH = 6;

/** The text with every secret, and every line of a secret of several lines, replaced. */
export function redact(text: string, secrets: Iterable<string>): string {
  const masked = [...new Set([...secrets].flatMap((secret) => [secret, ...secret.split(/\r?\n/)]))]
    .filter((secret) => secret.length >= LEAST_SECRET_LENGTH)
    .toSorted((a, b) => b.length - a.length);
  return masked.reduce((redacted, secret) => redacted.replaceAll(secret, '[REDACTED]'), text);
}

/** A recipe's result with every text in it redacted; its keys and numbers are the platform's own and stay. */
export function redactTexts<T>(value: T, secrets: readonly string[]): T {
  if (typeof value === 'string') return redact(value, secrets) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => redactTexts(item, secrets)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactTexts(item, secrets)])) as T;
}

/** The last lines of a text, at most `bytes` long: what people are shown of an output. */
export function tail(text: string, lines = 50, bytes = 8192): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n').slice(-bytes);
}
