export type ErrorCode =
  | 'invalid_params'
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unavailable'
  | 'internal'
  // what the developer's app or source broke: never retried
  | 'source_invalid'
  | 'build_failed'
  | 'release_command_failed'
  | 'app_crashed'
  | 'health_check_failed'
  | 'verification_failed'
  // what the world broke: retried with back-off
  | 'command_failed'
  | 'server_unreachable'
  | 'storage_failed'
  | 'build_server_failed'
  | 'disk_full'
  // places that old instances still hold: retried
  | 'draining'
  // what only a person can know: never retried, asked
  | 'effect_unknown'
  // what an operator must change
  | 'no_capacity'
  | 'no_server'
  | 'host_key_changed'
  | 'already_live'
  | 'cancelled'
  | 'route_fenced';

export type ErrorFacts = {
  /** What the reader can do about it, one sentence. */
  hint?: string;
  /** The last lines of output of what failed, redacted. */
  output?: string;
  /** The request's field that is wrong. */
  field?: string;
  /** The server on which it happened. */
  server?: string;
  cause?: unknown;
};

/** The one error of dcdget: `message` is a sentence for people, `code` is for programs. */
export class DcdgetError extends Error {
  override readonly name = 'DcdgetError';
  readonly code: ErrorCode;
  /** Whether the same call may succeed later with nothing changed by a person. */
  readonly retryable: boolean;
  readonly hint: string | undefined;
  readonly output: string | undefined;
  readonly field: string | undefined;
  readonly server: string | undefined;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.retryable = RETRYABLE.has(code);
    this.hint = facts.hint;
    this.output = facts.output;
    this.field = facts.field;
    this.server = facts.server;
  }
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unavailable',
  'internal',
  'command_failed',
  'server_unreachable',
  'storage_failed',
  'build_server_failed',
  'disk_full',
  'draining',
]);

/** A recipe that did not finish with its marker: the server's answer, redacted. */
export class CommandFailed extends DcdgetError {
  readonly recipe: string;
  readonly exitCode: number | undefined;
  readonly durationMs: number;

  constructor(facts: {
    server: string;
    recipe: string;
    exitCode: number | undefined;
    stderrTail: string;
    durationMs: number;
  }) {
    const how = facts.exitCode === undefined ? 'was cut off' : `exited ${facts.exitCode}`;
    super('command_failed', `${facts.recipe} ${how} on ${facts.server}`, {
      server: facts.server,
      output: facts.stderrTail,
    });
    this.recipe = facts.recipe;
    this.exitCode = facts.exitCode;
    this.durationMs = facts.durationMs;
  }
}

export function assertNever(value: never): never {
  throw new DcdgetError('internal', `unexpected value ${JSON.stringify(value)}`);
}

export function invalid(field: string, sentence: string): DcdgetError {
  return new DcdgetError('invalid_params', `${field} ${sentence}`, { field });
}

export function notFound(noun: string, name: string): DcdgetError {
  return new DcdgetError('not_found', `Couldn't find that ${noun}: ${name}.`);
}
