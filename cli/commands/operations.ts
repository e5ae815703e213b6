import { Args, Flags } from '@oclif/core';
import { bold, dim, green, red } from 'ansis';
import { appFlag, DcdgetCommand } from '../base-command.ts';
import type { Operation, OperationHead, StepRow } from '../api-types.ts';
import { durationBetween, formatClock, formatDuration, formatTime } from '../durations.ts';
import { CliError } from '../errors.ts';
import { assertSucceeded, titleOf, tookOf } from '../follow-operation.ts';
import { plainLine, plainText } from '../plain-text.ts';
import { facts, table } from '../table.ts';
import { isFinal } from '../timeline.ts';

const reasonFlag = Flags.string({ required: true, helpValue: 'TEXT', description: 'why: kept in the audit log' });
const idArgument = Args.string({ required: true, description: 'id of the operation', ignoreStdin: true });

export class Operations extends DcdgetCommand {
  static override summary = 'List operations, newest first.';
  static override flags = {
    app: appFlag,
    num: Flags.integer({ char: 'n', default: 15, min: 1, helpValue: 'N', description: 'how many' }),
  };

  async run(): Promise<OperationHead[]> {
    const { flags } = await this.parse(Operations);
    const operations = await this.api.operations(flags.app, flags.num);
    if (operations.length === 0) this.log('No operations yet.');
    else this.print(table(['ID', 'WHAT', 'STATE', 'STARTED', 'TOOK', 'BY'], operations.map(operationRow)));
    return operations;
  }
}

function operationRow(operation: OperationHead): string[] {
  const { id, state, started_at, ended_at, actor } = operation;
  return [id, titleOf(operation), state, formatTime(started_at), took(started_at, ended_at), actor.email];
}

function took(start: string | null, end: string | null): string {
  const ms = durationBetween(start, end);
  return ms === null ? '–' : formatDuration(ms);
}

export class OperationsInfo extends DcdgetCommand {
  static override summary = 'Show an operation with its steps.';
  static override args = { id: idArgument };
  static override flags = {
    watch: Flags.boolean({ char: 'w', description: 'follow it until it ends, then show it' }),
  };

  async run(): Promise<Operation> {
    const { args, flags } = await this.parse(OperationsInfo);
    const now = await this.api.operation(args.id);
    const operation = flags.watch && !isFinal(now.state) ? await this.follow(now.id) : now;
    this.print(operationLines(operation));
    return operation;
  }
}

function operationLines(operation: Operation): string[] {
  const { id, state, actor, created_at, started_at, ended_at } = operation;
  return [
    bold(titleOf(operation)),
    ...facts([
      ['Id', id],
      ['State', state],
      ['By', actor.email],
      ['Asked', formatTime(created_at)],
      ['Started', formatTime(started_at)],
      ['Ended', formatTime(ended_at)],
      ['Took', took(started_at, ended_at)],
    ]),
    '',
    ...table(STEP_HEADINGS, operation.steps.toSorted(byNumber).map(stepCells)),
    ...failureLines(operation),
  ];
}

const STEP_HEADINGS = ['#', 'STEP', 'SUBJECT', 'SERVER', 'STATE', 'ATTEMPT', 'STARTED', 'TOOK', 'NEXT', 'REASON'];

function stepCells(row: StepRow): string[] {
  return [
    String(row.number).padStart(2),
    row.step,
    plainLine(row.subject) || '–',
    row.server || '–',
    row.state,
    row.state === 'waiting' || row.state === 'skipped' ? '–' : String(row.attempt),
    formatClock(row.started_at),
    took(row.started_at, row.ended_at),
    row.state === 'retrying' ? formatClock(row.next_retry_at) : '–',
    row.reason === null ? '' : plainLine(row.reason),
  ];
}

function byNumber(a: StepRow, b: StepRow): number {
  return a.number - b.number || a.subject.localeCompare(b.subject, 'en', { numeric: true });
}

function failureLines({ failure }: Operation): string[] {
  if (failure === null) return [];
  const output = plainText(failure.output ?? '').trimEnd();
  return [
    '',
    red(`${failure.step}: ${plainLine(failure.message)}`),
    ...(output === '' ? [] : output.split('\n').map((line) => `  ${dim('│')} ${line}`)),
    ...(failure.hint === null ? [] : [`  ${plainLine(failure.hint)}`]),
  ];
}

export class OperationsWatch extends DcdgetCommand {
  static override summary = 'Follow an operation until it ends; the exit codes are those of deploy.';
  static override args = { id: idArgument };

  async run(): Promise<Operation> {
    const { args } = await this.parse(OperationsWatch);
    const now = await this.api.operation(args.id);
    this.log(`Watching the ${titleOf(now)}`);
    const operation = await this.follow(now.id);
    assertSucceeded(operation);
    this.print(['', succeededLine(operation)]);
    return operation;
  }
}

export class OperationsCancel extends DcdgetCommand {
  static override summary = 'Cancel an operation that waits or is not live yet; what it has changed is undone.';
  static override args = { id: idArgument };

  async run(): Promise<Operation> {
    const { args } = await this.parse(OperationsCancel);
    const now = await this.api.cancelOperation(args.id);
    const operation = isFinal(now.state) ? now : await this.follow(now.id);
    if (operation.state !== 'cancelled') assertSucceeded(operation);
    if (operation.state === 'succeeded') throw new CliError('already_live', `The ${titleOf(operation)} came through.`);
    this.log(`The ${bold(titleOf(operation))} is cancelled; the app is as it was before.`);
    return operation;
  }
}

export class OperationsRetry extends DcdgetCommand {
  static override summary = 'Let an operation that needs an operator try its step again.';
  static override args = { id: idArgument };
  static override flags = { reason: reasonFlag };

  async run(): Promise<Operation> {
    const { args, flags } = await this.parse(OperationsRetry);
    const { id } = await this.api.decideOperation(args.id, 'retry', flags.reason);
    const operation = await this.followToSuccess(id);
    this.print(['', succeededLine(operation)]);
    return operation;
  }
}

export class OperationsSkip extends DcdgetCommand {
  static override summary = 'Let an operation that needs an operator go on without its step.';
  static override args = { id: idArgument };
  static override flags = { reason: reasonFlag };

  async run(): Promise<Operation> {
    const { args, flags } = await this.parse(OperationsSkip);
    const { id } = await this.api.decideOperation(args.id, 'skip', flags.reason);
    const operation = await this.followToSuccess(id);
    this.print(['', succeededLine(operation)]);
    return operation;
  }
}

export class OperationsUndo extends DcdgetCommand {
  static override summary = 'Let an operation that needs an operator take back what it has changed.';
  static override args = { id: idArgument };
  static override flags = { reason: reasonFlag };

  async run(): Promise<Operation> {
    const { args, flags } = await this.parse(OperationsUndo);
    const { id } = await this.api.decideOperation(args.id, 'undo', flags.reason);
    const operation = await this.follow(id);
    if (operation.state !== 'failed' && operation.state !== 'cancelled') assertSucceeded(operation);
    this.print(undoneLines(operation));
    return operation;
  }
}

function undoneLines(operation: Operation): string[] {
  const hint = operation.failure?.hint;
  return [
    '',
    `The ${bold(titleOf(operation))} is undone${tookOf(operation)}.`,
    ...(hint ? [`  ${plainLine(hint)}`] : []),
  ];
}

function succeededLine(operation: Operation): string {
  return `${green('✔')} ${bold(`${titleOf(operation)} succeeded`)}${tookOf(operation)}`;
}
