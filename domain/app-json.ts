import { DcdgetError } from './errors.ts';
import { PROCESS_TYPE } from './names.ts';
import {
  DEFAULT_PROCESS_SETTINGS,
  MAX_STOP_SECONDS,
  type HealthCheck,
  type ProcessSettings,
  type ProcessSettingsByType,
} from './processes.ts';

const MAX_PROCESS_TYPES = 50;
const MAX_CHECKS = 5;
/** All checks of one type together, every attempt of every one failing. */
const MAX_CHECKING_SECONDS = 900;

/** What app.json says about processes, and what it says to no effect, a sentence each. */
export type AppJson = { settings: ProcessSettingsByType; notes: string[] };

/**
 * Reads `healthchecks` and `formation` of an app.json; everything else in it is for others.
 * Throws build_failed naming the field, such as `healthchecks.web[0].timeout`.
 */
export function parseAppJson(text: string): AppJson {
  const root = objectAt('', parseJson(text));
  const notes: string[] = [];
  const checks = byType(root, 'healthchecks');
  const formation = byType(root, 'formation');
  const types = new Set([...checks.keys(), ...formation.keys()]);
  if (types.size > MAX_PROCESS_TYPES) throw refused('', `names more than ${MAX_PROCESS_TYPES} process types`);
  const settings = [...types].map((type): [string, ProcessSettings] => [
    type,
    {
      ...DEFAULT_PROCESS_SETTINGS,
      healthchecks: readChecks(`healthchecks.${type}`, checks.get(type), notes),
      ...readFormation(`formation.${type}`, formation.get(type)),
    },
  ]);
  return { settings: Object.fromEntries(settings.filter(([, of]) => !isDefault(of))), notes };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch (cause) {
    throw new DcdgetError('build_failed', `app.json is not JSON: ${jsonComplaint(cause)}`, { cause });
  }
}

/** The parser quotes what it read; of that no more than a line is shown. */
function jsonComplaint(cause: unknown): string {
  return String(cause instanceof Error ? cause.message : cause)
    .replace(/[^\x20-\x7e]/g, ' ')
    .slice(0, 200);
}

function byType(root: Fields, name: string): Map<string, unknown> {
  if (root[name] === undefined || root[name] === null) return new Map();
  const types = Object.entries(objectAt(name, root[name]));
  for (const [type] of types) {
    if (!PROCESS_TYPE.test(type))
      throw refused(name, 'names a process type that is not lowercase letters, digits, hyphens and underscores');
  }
  return new Map(types);
}

function readChecks(at: string, value: unknown, notes: string[]): HealthCheck[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw refused(at, 'must be a list of checks');
  const checks = value.flatMap((check: unknown, index) => readCheck(`${at}[${index}]`, index, check, notes));
  if (checks.length > MAX_CHECKS) throw refused(at, `may have at most ${MAX_CHECKS} checks`);
  const seconds = checks.reduce((sum, check) => sum + longestSeconds(check), 0);
  if (seconds > MAX_CHECKING_SECONDS) {
    throw refused(at, `may take ${seconds} seconds before it is given up; at most ${MAX_CHECKING_SECONDS} are allowed`);
  }
  return checks;
}

const CHECK_FIELDS = new Set([
  'type',
  'name',
  'path',
  'port',
  'content',
  'uptime',
  'timeout',
  'attempts',
  'wait',
  'initialDelay',
  // The port being bound is what a check without anything else asks.
  'listening',
]);

function readCheck(at: string, index: number, value: unknown, notes: string[]): HealthCheck[] {
  const fields = objectAt(at, value);
  const type = oneOf(at, fields, 'type', ['startup', 'readiness', 'liveness'], 'startup');
  if (type !== 'startup') {
    notes.push(`app.json: ${at} is not used: of the checks only those of type startup are run`);
    return [];
  }
  for (const field of Object.keys(fields)) {
    if (!CHECK_FIELDS.has(field)) notes.push(`app.json: ${at}.${shownKey(field)} is not used`);
  }
  return [
    {
      name: text(at, fields, 'name', NAME) ?? `check ${index + 1}`,
      path: text(at, fields, 'path', PATH),
      port: integer(at, fields, 'port', 1, 65_535),
      content: text(at, fields, 'content', CONTENT),
      uptime: integer(at, fields, 'uptime', 1, 600),
      timeout: integer(at, fields, 'timeout', 1, 300) ?? 5,
      attempts: integer(at, fields, 'attempts', 1, 100) ?? 3,
      wait: integer(at, fields, 'wait', 0, 300) ?? 5,
      initialDelay: integer(at, fields, 'initialDelay', 0, 600) ?? 0,
    },
  ];
}

function longestSeconds({ initialDelay, uptime, attempts, timeout, wait }: HealthCheck): number {
  return initialDelay + (uptime ?? 0) + attempts * timeout + (attempts - 1) * wait;
}

function readFormation(at: string, value: unknown): Omit<ProcessSettings, 'healthchecks'> {
  const fields = value === undefined || value === null ? {} : objectAt(at, value);
  return {
    drainSeconds: integer(at, fields, 'drainSeconds', 0, 900),
    stopSeconds: integer(at, fields, 'stopSeconds', 1, MAX_STOP_SECONDS),
    rotation: oneOf(at, fields, 'rotation', ['start-first', 'stop-first'], DEFAULT_PROCESS_SETTINGS.rotation),
  };
}

function isDefault({ healthchecks, drainSeconds, stopSeconds, rotation }: ProcessSettings): boolean {
  return healthchecks.length === 0 && drainSeconds === null && stopSeconds === null && rotation === 'start-first';
}

type Fields = Readonly<Record<string, unknown>>;
type Rule = { pattern: RegExp; sentence: string };

const NAME: Rule = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9 ._:/()-]{0,63}$/,
  sentence: 'must be up to 64 letters, digits, spaces and . _ : / ( ) -',
};
const PATH: Rule = {
  pattern: /^\/[A-Za-z0-9._~:/?@!$&'()*+,;=%-]{0,1023}$/,
  sentence: 'must be the path of a URL, starting with / and of at most 1024 characters',
};
const CONTENT: Rule = {
  pattern: /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,1024}$/u,
  sentence: 'must be one line of at most 1024 characters',
};

function objectAt(at: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw refused(at, 'must be an object');
}

function text(at: string, fields: Fields, name: string, { pattern, sentence }: Rule): string | null {
  const value = own(fields, name);
  if (value === undefined) return null;
  if (typeof value !== 'string' || !pattern.test(value)) throw refused(`${at}.${name}`, sentence);
  return value;
}

function integer(at: string, fields: Fields, name: string, least: number, most: number): number | null {
  const value = own(fields, name);
  if (value === undefined) return null;
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    throw refused(`${at}.${name}`, `must be a whole number from ${least} to ${most}`);
  }
  return value as number;
}

function oneOf<T extends string>(at: string, fields: Fields, name: string, allowed: readonly T[], otherwise: T): T {
  const value = own(fields, name);
  if (value === undefined) return otherwise;
  const found = allowed.find((word) => word === value);
  if (found === undefined) throw refused(`${at}.${name}`, `must be ${allowed.join(' or ')}`);
  return found;
}

/** Null says what absence says. */
function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined;
}

function shownKey(key: string): string {
  return /^[A-Za-z0-9_-]{1,64}$/.test(key) ? key : JSON.stringify(key.replace(/[^\x20-\x7e]/g, ' ').slice(0, 64));
}

function refused(at: string, sentence: string): DcdgetError {
  return new DcdgetError('build_failed', at === '' ? `app.json ${sentence}` : `app.json: ${at} ${sentence}`);
}
