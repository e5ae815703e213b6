import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal, type Operation } from '../domain/operations.ts';
import type { StepRow } from '../domain/steps.ts';
import type { Store } from '../store/store.ts';
import { operationSummary, stepShape } from './schemas/operations.ts';
import { POLL_MS, SETTLE_MS } from './output-text.ts';

const COMMENT_EVERY_MS = 15_000;

type Reader = { operation: string; rows: Map<string, string>; outputNumber: number };

/**
 * Server-sent events of an operation until it has ended: `operation` (its head), `step` (one row, again at each
 * change) and `output` ({ text }). A reader that comes back with the last id is not sent the output before it again;
 * steps are states, not history: it is sent how they are now. The last event is the operation's final head.
 */
export async function* operationEvents(
  store: Store,
  first: Operation,
  lastId: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const reader: Reader = { operation: '', rows: new Map(), outputNumber: outputNumberOf(lastId) };
  let quietSince = Date.now();
  yield 'retry: 1000\n\n';
  for (let operation = first; ; operation = await store.operations.get(first.id)) {
    const isEnd = isFinal(operation.state);
    // Rows are written a moment behind the steps.
    if (isEnd && first !== operation) await sleep(SETTLE_MS, undefined, { signal });
    const events = await news(store, reader, operation);
    yield* events;
    if (isEnd) return;
    if (events.length > 0) quietSince = Date.now();
    else if (Date.now() - quietSince > COMMENT_EVERY_MS) {
      quietSince = Date.now();
      yield ':\n\n';
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/**
 * What changed since the reader was last told: output before the step that made it, the head first while it runs and
 * last when it ended.
 */
async function news(store: Store, reader: Reader, operation: Operation): Promise<string[]> {
  const stored = await store.steps.list(operation.id);
  const output = await outputEvents(store, reader, operation.id);
  const rows = stored.flatMap((row) => stepEvent(reader, row));
  const head = headEvent(reader, operation);
  return isFinal(operation.state) ? [...output, ...rows, ...head] : [...head, ...output, ...rows];
}

function headEvent(reader: Reader, operation: Operation): string[] {
  const data = JSON.stringify(operationSummary(operation));
  if (data === reader.operation) return [];
  reader.operation = data;
  return [event(reader, 'operation', data)];
}

function stepEvent(reader: Reader, row: StepRow): string[] {
  const key = `${row.step} ${row.subject}`;
  const data = JSON.stringify(stepShape(row));
  if (reader.rows.get(key) === data) return [];
  reader.rows.set(key, data);
  return [event(reader, 'step', data)];
}

async function outputEvents(store: Store, reader: Reader, operationId: string): Promise<string[]> {
  const events: string[] = [];
  for (;;) {
    const chunk = await store.output.get(operationId, reader.outputNumber + 1);
    if (chunk === null) return events;
    reader.outputNumber = chunk.number;
    events.push(event(reader, 'output', JSON.stringify({ text: chunk.text })));
  }
}

/** The id says how much output the reader has: all that a resumed stream needs. */
function event(reader: Reader, name: string, data: string): string {
  return `event: ${name}\nid: output-${reader.outputNumber}\ndata: ${data}\n\n`;
}

function outputNumberOf(id: string): number {
  return Number(/^output-(\d{1,9})$/.exec(id)?.[1] ?? 0);
}
