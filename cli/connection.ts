import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError, EXIT, usageError } from './errors.ts';

/** Where dcdget is and how to be let in. */
export type Connection = {
  url: URL;
  token: string;
  /** PEM of the CA that signed the API's certificate; none when a public one did. */
  ca: string | undefined;
};

type StoredLogin = { url: string; token: string; ca: string | null };

/** Environment first, then what `dcdget login` stored; a stored token never goes to another URL than its own. */
export function readConnection(env: NodeJS.ProcessEnv): Connection {
  const stored = readLogin(env);
  const url = env['DCDGET_URL'] ? parseUrl(env['DCDGET_URL']) : stored && parseUrl(stored.url);
  if (!url) throw notConnected('DCDGET_URL', 'where dcdget is');
  const own = stored && sameOrigin(url, stored.url) ? stored : undefined;
  const token = env['DCDGET_TOKEN'] || own?.token;
  if (!token) throw notConnected('DCDGET_TOKEN', `the token for ${url.origin}`);
  return { url, token, ca: env['DCDGET_CA'] ? readCa(env['DCDGET_CA']) : (own?.ca ?? undefined) };
}

export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw usageError(`${JSON.stringify(text)} is not the URL of a dcdget.`, 'It looks like https://paas.example.com.');
  return url;
}

export function readCa(file: string): string {
  const pem = readOrUndefined(file);
  if (pem === undefined)
    throw usageError(`The CA file ${file} cannot be read.`, 'DCDGET_CA is the path of a PEM file.');
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw usageError(`${file} holds no certificate.`, 'DCDGET_CA is the path of a PEM file.');
  return pem;
}

export function loginFile(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'dcdget', 'config.json');
}

/** Stores the login for this user's eyes only. */
export function storeLogin(env: NodeJS.ProcessEnv, connection: Connection): string {
  const file = loginFile(env);
  const login: StoredLogin = { url: connection.url.href, token: connection.token, ca: connection.ca ?? null };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return file;
}

export function forgetLogin(env: NodeJS.ProcessEnv): void {
  rmSync(loginFile(env), { force: true });
}

function readLogin(env: NodeJS.ProcessEnv): StoredLogin | undefined {
  const file = loginFile(env);
  const content = readOrUndefined(file);
  if (content === undefined) return undefined;
  try {
    return JSON.parse(content) as StoredLogin;
  } catch (cause) {
    throw new CliError('login_unreadable', `${file} is not readable as JSON.`, {
      hint: 'Run dcdget login again.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function sameOrigin(url: URL, other: string): boolean {
  return URL.canParse(other) && new URL(other).origin === url.origin;
}

function notConnected(variable: string, meaning: string): CliError {
  return usageError(
    `${variable} is not set: the command does not know ${meaning}.`,
    'Set DCDGET_URL, DCDGET_TOKEN and DCDGET_CA, or run dcdget login URL.',
  );
}
