import { invalid } from './errors.ts';

/** Heroku's own rule for app names. */
export const APP_NAME = /^[a-z][a-z0-9-]{1,28}[a-z0-9]$/;
export const PROCESS_TYPE = /^[a-z][a-z0-9_-]{0,29}$/;
export const CONFIG_KEY = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
export const SERVER_NAME = /^[a-z][a-z0-9-]{0,30}[a-z0-9]$/;
/** An IPv4 address or a host name of letters, digits, dots and hyphens. */
export const SERVER_HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*$/i;
export const SERVER_USER = /^[a-z_][a-z0-9_-]{0,31}$/;
export const DIGEST = /^[0-9a-f]{64}$/;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const RESERVED_APP_NAMES = new Set(
  'api git www admin dcdget dashboard streams logs rendezvous recipes assets packman temporal s3 static status mail'.split(
    ' ',
  ),
);

const RESERVED_CONFIG_KEYS = new Set([
  'PORT',
  'DYNO',
  'PS',
  'HOME',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'LD_AUDIT',
  'BASH_ENV',
  'ENV',
  'IFS',
]);

export const MAX_CONFIG_VALUE_BYTES = 64 * 1024;
export const MAX_CONFIG_BYTES = 512 * 1024;

export function assertAppName(name: string, field = 'name'): void {
  if (!APP_NAME.test(name)) {
    throw invalid(
      field,
      'must start with a letter, end with a letter or digit, and hold only lowercase letters, digits and hyphens (3 to 30 characters)',
    );
  }
  if (RESERVED_APP_NAMES.has(name)) throw invalid(field, `${name} is reserved by the platform`);
}

export function assertServerName(name: string, field = 'name'): void {
  if (!SERVER_NAME.test(name))
    throw invalid(field, 'must be 2 to 32 lowercase letters, digits and hyphens, starting with a letter');
}

/** Refuses keys a shell cannot carry or that the platform sets itself, and values that cannot be an environment entry. */
export function assertConfigVar(key: string, value: string): void {
  if (!CONFIG_KEY.test(key))
    throw invalid(key, 'is not a config var name: use letters, digits and underscores, not starting with a digit');
  if (RESERVED_CONFIG_KEYS.has(key) || key.startsWith('DCDGET_')) throw invalid(key, 'is reserved by the platform');
  if (value.includes('\0')) throw invalid(key, 'must not contain a NUL character');
  if (byteLength(value) > MAX_CONFIG_VALUE_BYTES)
    throw invalid(key, `is larger than ${MAX_CONFIG_VALUE_BYTES / 1024} KiB`);
}

export function assertConfigSize(vars: Readonly<Record<string, string>>): void {
  const bytes = Object.entries(vars).reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value) + 2, 0);
  if (bytes > MAX_CONFIG_BYTES) throw invalid('config_vars', `together are larger than ${MAX_CONFIG_BYTES / 1024} KiB`);
}

function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
