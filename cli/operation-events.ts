import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSourceMessage } from 'eventsource-parser';
import type { Api } from './api.ts';
import type { OperationHead, StepRow } from './api-types.ts';
import { CliError, EXIT } from './errors.ts';
import { eventsOf } from './event-stream.ts';

export type OperationEvent =
  | { kind: 'step'; row: StepRow }
  | { kind: 'output'; text: string }
  | { kind: 'operation'; operation: OperationHead }
  /** The stream is open; the API's clock is this much ahead of ours. */
  | { kind: 'connected'; clockAheadMs: number }
  /** The stream broke and is being opened again. */
  | { kind: 'disconnected'; reason: string };

const GIVE_UP_AFTER_MS = 120_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * What happens to the operation, from its start, for as long as the caller listens. A broken stream is resumed after
 * the last event seen; two minutes without one word of the API end it with a CliError.
 */
export async function* operationEvents(api: Api, id: string, signal: AbortSignal): AsyncGenerator<OperationEvent> {
  const cursor: Cursor = { lastEventId: undefined, heardAt: Date.now(), pauseMs: FIRST_PAUSE_MS };
  while (!signal.aborted) {
    const reason = yield* eventsOfOneStream(api, id, cursor, signal);
    if (signal.aborted) return;
    if (Date.now() - cursor.heardAt > GIVE_UP_AFTER_MS) throw lostContact(api, id);
    if (reason !== undefined) yield { kind: 'disconnected', reason };
    await sleep(cursor.pauseMs, undefined, { signal }).catch(ignoreAbort);
    cursor.pauseMs = Math.min(cursor.pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

type Cursor = { lastEventId: string | undefined; heardAt: number; pauseMs: number };

/** Returns why the stream broke, undefined when the API closed it. */
async function* eventsOfOneStream(
  api: Api,
  id: string,
  cursor: Cursor,
  signal: AbortSignal,
): AsyncGenerator<OperationEvent, string | undefined> {
  try {
    const response = await api.openOperationStream(id, cursor.lastEventId, signal);
    yield { kind: 'connected', clockAheadMs: clockAheadMs(response) };
    for await (const messages of eventsOf(response)) {
      for (const message of messages) {
        Object.assign(cursor, {
          lastEventId: message.id ?? cursor.lastEventId,
          heardAt: Date.now(),
          pauseMs: FIRST_PAUSE_MS,
        });
        const event = eventOf(message);
        if (event !== undefined) yield event;
      }
    }
    yield { kind: 'operation', operation: await api.operation(id) };
    return undefined;
  } catch (error) {
    if (!signal.aborted && !isPassing(error)) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

function eventOf(message: EventSourceMessage): OperationEvent | undefined {
  switch (message.event) {
    case 'step':
      return { kind: 'step', row: JSON.parse(message.data) as StepRow };
    case 'output':
      return { kind: 'output', text: (JSON.parse(message.data) as { text: string }).text };
    case 'operation':
      return { kind: 'operation', operation: JSON.parse(message.data) as OperationHead };
    default:
      return undefined;
  }
}

/** From the Date header, which is cut to the second: only a difference that matters counts. */
function clockAheadMs(response: IncomingMessage): number {
  const date = Date.parse(response.headers.date ?? '');
  const aheadMs = Number.isNaN(date) ? 0 : date + 500 - Date.now();
  return Math.abs(aheadMs) < 2_000 ? 0 : aheadMs;
}

/** Whether the same request may succeed soon: the network broke, or dcdget is being restarted. */
function isPassing(error: unknown): boolean {
  if (error instanceof SyntaxError) return false;
  return !(error instanceof CliError) || error.exitCode === EXIT.unreachable || error.id === 'unavailable';
}

function lostContact(api: Api, id: string): CliError {
  return new CliError(
    'lost_contact',
    `${api.origin} has not been heard of for two minutes; the operation goes on without us.`,
    {
      hint: `Follow it again with: dcdget operations:watch ${id}`,
      exitCode: EXIT.unreachable,
      details: { operation_id: id },
    },
  );
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
