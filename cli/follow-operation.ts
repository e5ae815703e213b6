import type { Api } from './api.ts';
import type { Operation, OperationHead, StepRow } from './api-types.ts';
import { durationBetween, formatDuration } from './durations.ts';
import { CliError, EXIT } from './errors.ts';
import { operationEvents } from './operation-events.ts';
import type { OperationView } from './operation-view.ts';
import { plainLine, plainText } from './plain-text.ts';
import { isFinal } from './timeline.ts';

/**
 * Shows the operation until it is final or waits for an operator, and returns it as it then is. SIGINT ends the
 * watching with a CliError that says the operation goes on.
 */
export async function followOperation(api: Api, id: string, view: OperationView): Promise<Operation> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  try {
    // The stream tells only of steps that have begun.
    for (const row of (await api.operation(id)).steps.filter(({ state }) => state === 'waiting')) putRow(view, row);
    for await (const event of operationEvents(api, id, interrupt.signal)) {
      view.take(event);
      if (event.kind === 'operation' && hasEnded(event.operation)) return await ending(api, id, view);
    }
  } finally {
    process.removeListener('SIGINT', onInterrupt);
    view.close();
  }
  throw stoppedWatching(id);
}

async function ending(api: Api, id: string, view: OperationView): Promise<Operation> {
  const operation = await api.operation(id);
  for (const row of operation.steps) putRow(view, row);
  return operation;
}

function putRow(view: OperationView, row: StepRow): void {
  view.take({ kind: 'step', row });
}

function hasEnded(operation: OperationHead): boolean {
  return isFinal(operation.state) || operation.state === 'needs-operator';
}

function stoppedWatching(id: string): CliError {
  return new CliError('interrupted', 'Stopped watching; the operation goes on.', {
    hint: `Follow it again with: dcdget operations:watch ${id}`,
    exitCode: EXIT.interrupted,
    details: { operation_id: id },
  });
}

const KINDS: Readonly<Record<string, string>> = {
  deploy: 'deploy',
  config: 'config change',
  rollback: 'rollback',
  scale: 'scaling',
  restart: 'restart',
  mode: 'change of mode',
  destroy: 'destroy',
  'add-server': 'set-up',
};

/** `deploy of hello-node v4`. */
export function titleOf(operation: OperationHead): string {
  const version = operation.release === null ? '' : ` v${operation.release.version}`;
  const scope = operation.scope === null ? '' : ` ${operation.scope}`;
  return `${KINDS[operation.kind] ?? operation.kind} of ${operation.subject}${version}${scope}`;
}

/** `, 14.2 s`, or nothing when it has not run. */
export function tookOf(operation: OperationHead): string {
  const ms = durationBetween(operation.started_at ?? operation.created_at, operation.ended_at);
  return ms === null ? '' : `, ${formatDuration(ms)}`;
}

/** Throws what went wrong, unless the operation succeeded. */
export function assertSucceeded(operation: Operation): void {
  if (operation.state !== 'succeeded') throw outcomeError(operation);
}

function outcomeError(operation: Operation): CliError {
  const { failure } = operation;
  return new CliError(failure?.code ?? operation.state, outcomeSentence(operation), {
    hint: outcomeHint(operation),
    output: outputOf(operation),
    exitCode: operation.state === 'needs-operator' ? EXIT.needsOperator : EXIT.failed,
    details: { step: failure?.step ?? null, operation },
  });
}

/** While an operation needs an operator, only the row of its step has the output. */
function outputOf({ failure, steps }: Operation): string | undefined {
  const output = failure?.output ?? steps.find((row) => row.step === failure?.step && row.output !== null)?.output;
  return output === null || output === undefined ? undefined : plainText(output);
}

function outcomeSentence(operation: Operation): string {
  const title = `The ${titleOf(operation)}`;
  switch (operation.state) {
    case 'needs-operator':
      return `${title} stopped${failurePlace(operation)} and needs an operator${failureReason(operation)}`;
    case 'superseded':
      return `${title} was superseded by a newer one before it started.`;
    case 'cancelled':
      return `${title} was cancelled; what it had changed is undone.`;
    default:
      return `${title} failed${failurePlace(operation)}${failureReason(operation)}`;
  }
}

function failurePlace(operation: Operation): string {
  if (operation.failure === null) return '';
  const { step } = operation.failure;
  const number = operation.steps.find((row) => row.step === step)?.number;
  return ` at step ${number === undefined ? '' : `${number} `}${step}`;
}

function failureReason(operation: Operation): string {
  return operation.failure === null ? '.' : `: ${plainLine(operation.failure.message)}`;
}

function outcomeHint(operation: Operation): string | undefined {
  if (operation.state === 'needs-operator') return operatorHint(operation);
  if (operation.failure?.hint) return plainLine(operation.failure.hint);
  if (operation.state === 'superseded' && operation.superseded_by !== null)
    return `See dcdget operations:info ${operation.superseded_by}`;
  return undefined;
}

function operatorHint({ id, failure }: Operation): string {
  const hint = failure?.hint ? `${plainLine(failure.hint)}\n  ` : '';
  return `${hint}Then dcdget operations:retry, operations:skip or operations:undo ${id} --reason TEXT`;
}
