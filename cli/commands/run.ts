import { Args, Flags } from '@oclif/core';
import { dim } from 'ansis';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import type { Session } from '../api-types.ts';
import { CliError, EXIT, usageError } from '../errors.ts';
import { openSession, type Desk, type OpenSession } from '../session.ts';

/** How long the record may take to say how a session ended of which the connection has not. */
const ENDING_MS = 15_000;
const LOOK_MS = 500;
const REATTACH_SECONDS = 600;
/** Ctrl-C so often in a second without a terminal ends the command line itself. */
const INTERRUPTS = 3;

export class Run extends DcdgetCommand {
  static override summary = 'Run a command in a container of its own, of the release that serves, as if it ran here.';
  static override description =
    'One word is a command for bash, or sh in an image without it; several are a program and its arguments, as they are. The exit code is that of the command. ' +
    'It has a terminal when stdin is one, else bytes go through as they are.';
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = { command: Args.string({ description: 'what to run', ignoreStdin: true }) };
  static override usage = 'run [--app NAME] [--detach | --reattach] [-e KEY=VALUE]… [--] COMMAND [ARGUMENT]…';
  static override flags = {
    app: appFlag,
    env: Flags.string({
      char: 'e',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'KEY=VALUE',
      description: 'beside the config vars',
    }),
    size: Flags.string({ char: 's', helpValue: 'SIZE', description: 'small, medium or large' }),
    'no-tty': Flags.boolean({ description: 'no terminal, though stdin is one' }),
    detach: Flags.boolean({ char: 'd', description: 'do not wait for it: what it prints is in dcdget logs' }),
    reattach: Flags.boolean({
      description: 'it goes on for ten minutes when the connection is lost; run:attach takes it up again',
    }),
  };
  static override examples = [
    '<%= config.bin %> run --app hello bash',
    "<%= config.bin %> run --app hello 'cat > shared/data' < data",
    '<%= config.bin %> run --app hello --detach -- node bin/import.js --all',
  ];

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Run);
    const app = requireApp(flags.app);
    const command = commandOf(argv as string[]);
    const isTty = process.stdin.isTTY === true && !flags['no-tty'] && !flags.detach;
    const session = await this.api.createSession(app, {
      command,
      attach: !flags.detach,
      framed: !flags.detach,
      force_no_tty: !isTty,
      env: { ...(isTty ? ofTerminal() : {}), ...Object.fromEntries((flags.env ?? []).map(pairOf)) },
      ...(flags.size === undefined ? {} : { size: flags.size as 'small' }),
      ...(flags.reattach ? { reattach_seconds: REATTACH_SECONDS } : {}),
    });
    if (flags.detach) {
      this.log(`${session.name} runs on ${app}. Its output: dcdget logs --ps ${session.name} --app ${app}`);
      return;
    }
    process.stderr.write(dim(`${session.name} on ${app}`) + '\n');
    process.exitCode = await hold(this.api, app, session, { isTty, isReattachable: flags.reattach, isTakenUp: false });
  }
}

export class RunAttach extends DcdgetCommand {
  static override summary = 'Take up a session again that was begun with run --reattach.';
  static override enableJsonFlag = false;
  static override args = {
    name: Args.string({ required: true, description: 'as ps shows it: run.1234', ignoreStdin: true }),
  };
  static override flags = { app: appFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RunAttach);
    const app = requireApp(flags.app);
    const session = await this.api.attachSession(app, args.name);
    const isTty = process.stdin.isTTY === true;
    process.exitCode = await hold(this.api, app, session, { isTty, isReattachable: true, isTakenUp: true });
  }
}

type Api = Run['api'];
type Manner = { isTty: boolean; isReattachable: boolean; isTakenUp: boolean };

/** Joins this process with the session until it has ended; gives its exit code. */
async function hold(api: Api, app: string, session: Session, manner: Manner): Promise<number> {
  if (session.attach_url === null) throw new CliError('unexpected_answer', `${session.name} cannot be attached to.`);
  const open = openSession({
    url: session.attach_url,
    tls: api.tls(),
    desk: deskOf(manner.isTty),
    isTakenUp: manner.isTakenUp,
    again: manner.isReattachable
      ? {
          url: () => attachUrlOf(api, app, session),
          patienceMs: REATTACH_SECONDS * 1000,
          lost: () => tellLoss(session, manner),
        }
      : null,
  });
  const letGo = holdTerminal(open, manner.isTty);
  const looking = failsEarly(api, app, session, open);
  try {
    const exitCode = await open.ended;
    return exitCode ?? (await endingOf(api, app, session));
  } finally {
    clearInterval(looking);
    letGo();
    process.stdin.destroy();
  }
}

/** A session that never comes to its first word is told of by the record alone. */
function failsEarly(api: Api, app: string, session: Session, open: OpenSession): NodeJS.Timeout {
  return setInterval(() => {
    void api.session(app, session.id).then(
      ({ ended_at: endedAt }) => endedAt !== null && setTimeout(() => open.close(), LOOK_MS),
      () => undefined,
    );
  }, 5000);
}

function tellLoss({ name }: Session, { isTty }: Manner): void {
  const sentence = dim(`The connection to ${name} is lost, and is made again as soon as it can be.`);
  process.stderr.write(isTty ? `\r\n${sentence}\r\n` : `${sentence}\n`);
}

async function attachUrlOf(api: Api, app: string, session: Session): Promise<string | null> {
  const { ended_at: endedAt } = await api.session(app, session.id);
  return endedAt === null ? (await api.attachSession(app, session.id)).attach_url : null;
}

async function endingOf(api: Api, app: string, { id, name }: Session): Promise<number> {
  for (const until = Date.now() + ENDING_MS; Date.now() < until; await pause(LOOK_MS)) {
    const { ended_at: endedAt, exit_code: exitCode, failure } = await api.session(app, id);
    if (failure !== null) throw new CliError(failure.id, failure.message, { hint: failure.hint });
    if (exitCode !== null) return exitCode;
    if (endedAt !== null) break;
  }
  throw new CliError('session_lost', `The connection to ${name} ended before ${name} did, or it was stopped.`, {
    hint: `dcdget logs --ps ${name} --app ${app} may tell why.`,
    exitCode: EXIT.unreachable,
  });
}

/** Keys go to the session as they are; returns how the terminal is given back. */
function holdTerminal(open: OpenSession, isTty: boolean): () => void {
  const interrupts: number[] = [];
  const interrupt = () => {
    open.signal('SIGINT');
    interrupts.push(Date.now());
    if (interrupts.slice(-INTERRUPTS).filter((at) => Date.now() - at < 1000).length >= INTERRUPTS) open.close();
  };
  const terminate = () => open.signal('SIGTERM');
  if (isTty) process.stdin.setRawMode(true);
  process.stdout.on('resize', open.resize);
  process.on('SIGINT', interrupt).on('SIGTERM', terminate);
  return () => {
    if (isTty) process.stdin.setRawMode(false);
    process.stdout.off('resize', open.resize);
    process.off('SIGINT', interrupt).off('SIGTERM', terminate);
  };
}

function deskOf(isTty: boolean): Desk {
  const window = () => (isTty ? { rows: process.stdout.rows || 24, columns: process.stdout.columns || 80 } : null);
  return { input: process.stdin, output: process.stdout, errors: process.stderr, window };
}

function ofTerminal(): Record<string, string> {
  const { rows, columns } = process.stdout;
  return {
    ...(process.env['TERM'] ? { TERM: process.env['TERM'] } : {}),
    ...(rows ? { LINES: String(rows), COLUMNS: String(columns) } : {}),
  };
}

/** One word is for the shell; several are a program and its arguments, which no shell changes. */
function commandOf(words: readonly string[]): string {
  if (words.length === 0) throw usageError('Which command?', 'dcdget run --app NAME bash');
  return words.length === 1 ? String(words[0]) : words.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function pairOf(text: string): [string, string] {
  const [, key, value] = /^([^=]+)=([^]*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) throw usageError(`${JSON.stringify(text)} is not KEY=VALUE.`);
  return [key, value];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
