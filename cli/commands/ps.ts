import { Args, Flags } from '@oclif/core';
import { bold, yellow } from 'ansis';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import type { Dyno, DynoEvent, FormationEntry, FormationUpdate, Operation } from '../api-types.ts';
import { formatAge, formatTime } from '../durations.ts';
import { usageError } from '../errors.ts';
import { tookOf } from '../follow-operation.ts';
import { plainLine } from '../plain-text.ts';
import { table } from '../table.ts';

type Processes = { formation: FormationEntry[]; dynos: Dyno[] };

const SHOWN_EVENTS = 50;
const SHOWN_COMMAND = 60;

export class Ps extends DcdgetCommand {
  static override summary = 'Show the processes of an app: how many are wanted and which run.';
  static override args = {
    name: Args.string({ description: 'with --history: of this process alone, as web.1', ignoreStdin: true }),
  };
  static override flags = {
    app: appFlag,
    history: Flags.boolean({ description: 'how processes started and ended, oldest first' }),
    num: Flags.integer({ char: 'n', default: SHOWN_EVENTS, min: 1, max: 2000, description: 'how many of them' }),
  };
  static override examples = ['<%= config.bin %> ps --history web.1 --app hello-node'];

  async run(): Promise<Processes | DynoEvent[]> {
    const { args, flags } = await this.parse(Ps);
    const app = requireApp(flags.app);
    if (flags.history) return this.#history(app, args.name, flags.num);
    if (args.name !== undefined) throw usageError('A name goes with --history.', `dcdget ps --history ${args.name}`);
    const [formation, dynos] = await Promise.all([this.api.formation(app), this.api.dynos(app)]);
    if (formation.length === 0) this.log(`${app} has no processes yet. Deploy to it with: dcdget deploy --app ${app}`);
    for (const entry of formation) this.print(entryLines(entry, dynos));
    this.print(sessionLines(dynos));
    return { formation, dynos };
  }

  async #history(app: string, name: string | undefined, max: number): Promise<DynoEvent[]> {
    const events = (await this.api.dynoEvents(app, name, max)).toReversed();
    if (events.length === 0) this.log(`${name ?? app} has told nothing of itself yet.`);
    else this.print(table(['TIME', 'PROCESS', 'RELEASE', 'STATE', 'WHY'], events.map(eventRow)));
    return events;
  }
}

function eventRow({ at, process, release, state, problem, ...ending }: DynoEvent): string[] {
  return [
    formatTime(at),
    process,
    `v${release.version}`,
    state,
    [problemText(problem), endingText(ending)].join(' ').trim(),
  ];
}

function endingText({ exit_code, signal, reason }: Pick<DynoEvent, 'exit_code' | 'signal' | 'reason'>): string {
  const status = exit_code === null ? '' : `status ${exit_code}`;
  const words = [status, signal ?? '', reason ?? ''].filter((word) => word !== '');
  return words.length === 0 ? '' : `(${plainLine(words.join(', '))})`;
}

function problemText(problem: Dyno['problem']): string {
  return problem === null ? '' : yellow(`${problem.code} ${problem.message}`);
}

function entryLines(entry: FormationEntry, dynos: Dyno[]): string[] {
  const own = dynos.filter(({ type }) => type === entry.type);
  const head = `${bold(entry.type)} ${entry.quantity} × ${entry.size}: ${plainLine(entry.command)}`;
  if (own.length === 0) return [head, ''];
  const rows = own.map(({ name, state, size, release, updated_at, problem }) => [
    name,
    state,
    size,
    `v${release.version}`,
    `${formatTime(updated_at)} (${formatAge(updated_at)})`,
    problemText(problem),
  ]);
  const hasProblem = own.some(({ problem }) => problem !== null);
  return [head, ...table(['PROCESS', 'STATE', 'SIZE', 'RELEASE', 'SINCE', ...(hasProblem ? ['WHY'] : [])], rows), ''];
}

/** One-off sessions, with what they run. */
function sessionLines(dynos: Dyno[]): string[] {
  const own = dynos.filter(({ type }) => type === 'run');
  if (own.length === 0) return [];
  const rows = own.map(({ name, state, size, release, created_at, command }) => [
    name,
    state,
    size,
    `v${release.version}`,
    `${formatTime(created_at)} (${formatAge(created_at)})`,
    plainLine(command).slice(0, SHOWN_COMMAND),
  ]);
  return [bold('one-off sessions'), ...table(['PROCESS', 'STATE', 'SIZE', 'RELEASE', 'SINCE', 'COMMAND'], rows), ''];
}

export class PsStop extends DcdgetCommand {
  static override summary = 'Stop a one-off session, or all of an app.';
  static override args = {
    name: Args.string({ required: true, description: 'as ps shows it: run.1234; run for all', ignoreStdin: true }),
  };
  static override flags = { app: appFlag };
  static override examples = ['<%= config.bin %> ps:stop run.1234 --app hello-node'];

  async run(): Promise<{ stopped: string }> {
    const { args, flags } = await this.parse(PsStop);
    const app = requireApp(flags.app);
    await this.api.stopSession(app, args.name);
    this.log(`${args.name === 'run' ? 'Every one-off session' : bold(args.name)} of ${app} is being stopped.`);
    return { stopped: args.name };
  }
}

type Scaled = { formation: FormationEntry[]; operation: Operation | null };

export class PsScale extends DcdgetCommand {
  static override summary = 'Change how many processes of each type run; without arguments, show it.';
  static override strict = false;
  static override args = { changes: Args.string({ description: 'TYPE=N, TYPE+N or TYPE-N …', ignoreStdin: true }) };
  static override flags = { app: appFlag };
  static override usage = 'ps:scale [TYPE=N[:SIZE]… | TYPE+N… | TYPE-N…] [--app NAME]';
  static override examples = [
    '<%= config.bin %> ps:scale web=2 worker+1 --app hello-node',
    '<%= config.bin %> ps:scale web=2:medium --app hello-node',
  ];

  async run(): Promise<Scaled> {
    const { argv, flags } = await this.parse(PsScale);
    const app = requireApp(flags.app);
    const updates = (argv as string[]).map(updateOf);
    if (updates.length === 0) return this.#show(app);
    const { value: formation, operationId } = await this.api.scale(app, updates);
    const operation = operationId === undefined ? null : await this.followToSuccess(operationId);
    const took = operation === null ? '; nothing had to be changed' : tookOf(operation);
    this.log(`${bold(app)} runs ${formation.map(entryText).join(' ')}${took}.`);
    return { formation, operation };
  }

  async #show(app: string): Promise<Scaled> {
    const formation = await this.api.formation(app);
    this.log(formation.length === 0 ? `${app} has no process types yet.` : formation.map(entryText).join(' '));
    return { formation, operation: null };
  }
}

/** `web=2:small`: as ps:scale takes it. */
function entryText({ type, quantity, size }: FormationEntry): string {
  return `${type}=${quantity}:${size}`;
}

function updateOf(text: string): FormationUpdate {
  const [, type, how, size] = /^([a-z][a-z0-9_-]*?)(=\d+|[+-]\d+)(?::([a-z0-9-]+))?$/i.exec(text) ?? [];
  if (type === undefined || how === undefined) {
    throw usageError(`${JSON.stringify(text)} says no number of processes.`, 'Write web=2, worker+1 or worker-1.');
  }
  const update = { type, quantity: how.replace('=', '') };
  // The API knows the sizes, and names them to whoever does not.
  return size === undefined ? update : { ...update, size: size as NonNullable<FormationUpdate['size']> };
}

export class PsRestart extends DcdgetCommand {
  static override summary = 'Replace processes by new ones of the same release, with no request lost.';
  static override args = {
    name: Args.string({ description: 'web.1, or web for all of a type; all of them without it', ignoreStdin: true }),
  };
  static override flags = { app: appFlag };
  static override examples = ['<%= config.bin %> ps:restart web.1 --app hello-node'];

  async run(): Promise<Operation> {
    const { args, flags } = await this.parse(PsRestart);
    const app = requireApp(flags.app);
    const operation = await this.followToSuccess(await this.api.restart(app, args.name));
    this.log(`${bold(args.name === undefined ? app : `${args.name} of ${app}`)} is restarted${tookOf(operation)}.`);
    return operation;
  }
}
