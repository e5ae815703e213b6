import { CLIError } from '@oclif/core/errors';
import { dim, red } from 'ansis';

export const EXIT = {
  failed: 1,
  usage: 2,
  unreachable: 69,
  needsOperator: 75,
  interrupted: 130,
} as const;

export type ErrorFacts = {
  hint?: string | null | undefined;
  /** The last lines of output of what failed. */
  output?: string | undefined;
  exitCode?: number;
  /** More fields of the error, for programs: shown with --json only. */
  details?: Record<string, unknown>;
  cause?: unknown;
};

/** The one error of the command line: `message` is a sentence for people, `id` is for programs. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly id: string;
  readonly hint: string | undefined;
  readonly output: string | undefined;
  readonly exitCode: number;
  readonly details: Record<string, unknown>;

  constructor(id: string, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.id = id;
    this.hint = facts.hint ?? undefined;
    this.output = facts.output;
    this.exitCode = facts.exitCode ?? EXIT.failed;
    this.details = facts.details ?? {};
  }
}

export function usageError(message: string, hint?: string): CliError {
  return new CliError('usage', message, { hint, exitCode: EXIT.usage });
}

/** Tells the error (a sentence and a hint on stderr, or JSON on stdout) and returns the exit code that goes with it. */
export function reportError(error: unknown, json: boolean): number {
  const told = asCliError(error);
  if (json) process.stdout.write(`${JSON.stringify(toJson(told), null, 2)}\n`);
  else process.stderr.write(toText(told));
  if (process.env['DCDGET_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return told.exitCode;
}

function toJson(error: CliError): unknown {
  const { id, message, hint = null, output = null, details } = error;
  return { error: { ...details, id, message, hint, output } };
}

function toText(error: CliError): string {
  const output =
    error.output
      ?.trimEnd()
      .split('\n')
      .map((line) => `  ${dim('│')} ${line}\n`) ?? [];
  const hint = error.hint === undefined ? '' : `  ${error.hint}\n`;
  return `${red(`✖ ${error.message}`)}\n${output.join('')}${hint}`;
}

function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof CLIError) return fromOclif(error);
  const message = error instanceof Error ? error.message : String(error);
  return new CliError('internal', message, { hint: 'DCDGET_DEBUG=1 shows where it happened.', cause: error });
}

/** oclif's own errors are about how the command was written. */
function fromOclif(error: CLIError): CliError {
  const message = error.message.replace(/\nSee more help with --help$/, '');
  const unknownCommand = /^command (\S+) not found$/.exec(message)?.[1];
  if (unknownCommand !== undefined)
    return usageError(`There is no command ${unknownCommand}.`, 'dcdget help lists the commands.');
  return usageError(message, 'Add --help to see how the command is written.');
}
