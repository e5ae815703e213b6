import { invalid } from './errors.ts';

/** Where an app's lines are sent too. */
export type Drain = {
  id: string;
  appId: string;
  appName: string;
  /** `https://…` or `syslog+tls://host:port`. */
  url: string;
  /** `d.<uuid>`: how the other end tells one drain from another. */
  token: string;
  createdAt: Date;
};

export type DrainTarget = { kind: 'https' | 'syslog'; url: URL };

export const MAX_DRAINS = 10;
const SYSLOG = 'syslog+tls://';
const SYSLOG_PORT = '6514';

/** What stands behind a drain's URL; that of syslog is written as https, so that host and port are read alike. Throws invalid_params. */
export function drainTarget(text: string, field = 'url'): DrainTarget {
  const isSyslog = text.startsWith(SYSLOG);
  const written = isSyslog ? `https://${text.slice(SYSLOG.length)}` : text;
  if (!written.startsWith('https://') || !URL.canParse(written)) {
    throw invalid(field, `must be an https:// or ${SYSLOG} URL`);
  }
  const url = new URL(written);
  if (!isSyslog) return { kind: 'https', url };
  if (url.username !== '' || url.pathname !== '/' || url.search !== '') {
    throw invalid(field, `must be ${SYSLOG}HOST:PORT and nothing more`);
  }
  // Of https 443 is left out by the parser; of syslog another port is usual.
  if (url.port === '' && !text.endsWith(':443')) url.port = SYSLOG_PORT;
  return { kind: 'syslog', url };
}
