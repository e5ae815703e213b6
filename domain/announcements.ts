import type { App, Formation } from './apps.ts';
import { assertNever } from './errors.ts';
import { makesRelease, type Operation } from './operations.ts';

/** What an operation has to say to the readers of its app's log at its state; null: nothing. */
export function operationSentence(operation: Operation): string | null {
  const { state, actor, failure } = operation;
  const what = whatOf(operation);
  switch (state) {
    case 'queued':
    case 'rolling-back':
      return null;
    case 'running':
      return `${what} by ${actor.email} began`;
    case 'succeeded':
      if (makesRelease(operation.kind)) return `Release v${operation.version} created by ${actor.email}`;
      return `${what} by ${actor.email} is done`;
    case 'needs-operator':
      return `${what} needs an operator: ${failure?.message ?? 'a step cannot go on'}`;
    case 'failed':
      return `${what} failed: ${failure?.message ?? 'nothing of it serves'}`;
    case 'cancelled':
      return `${what} was cancelled`;
    case 'superseded':
      return `${what} gave way to a newer one`;
    default:
      return assertNever(state);
  }
}

function whatOf({ kind, version, scope, change }: Operation): string {
  switch (kind) {
    case 'deploy':
      return `Deploy of v${version}`;
    case 'config':
      return `Config change to v${version}`;
    case 'rollback':
      return `Rollback to v${version}`;
    case 'scale':
      return `Scale${wishes(change.formation?.to)}`;
    case 'restart':
      return scope === null ? 'Restart' : `Restart of ${scope}`;
    case 'mode':
      return modeName(change.mode);
    case 'destroy':
      return 'Destroy';
    case 'add-server':
      return 'Adding a server';
    default:
      return assertNever(kind);
  }
}

function wishes(formation: Formation | undefined): string {
  const entries = Object.entries(formation ?? {}).map(([type, { quantity, size }]) => `${type}=${quantity}:${size}`);
  return entries.length === 0 ? '' : ` to ${entries.join(' ')}`;
}

function modeName(change: { from: App['mode']; to: App['mode'] } | undefined): string {
  if (change === undefined) return 'Change of mode';
  if (change.to === 'serving') return change.from === 'paused' ? 'End of the pause' : 'End of maintenance';
  return change.to === 'paused' ? 'Pause' : 'Maintenance';
}
