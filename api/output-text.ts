import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal, type Operation } from '../domain/operations.ts';
import type { Store } from '../store/store.ts';

/** How often the store is asked while somebody listens. */
export const POLL_MS = 200;
/** Rows and output are written behind the steps; this long after the end all of them are there. */
export const SETTLE_MS = 150;

/** The build log from its start, ending with the operation; a failure is told in Heroku's way at the end. */
export async function* outputText(store: Store, operationId: string, signal: AbortSignal): AsyncGenerator<string> {
  let number = 0;
  for (;;) {
    const operation = await store.operations.get(operationId);
    const isEnd = isFinal(operation.state);
    if (isEnd) await sleep(SETTLE_MS, undefined, { signal });
    for (;;) {
      const chunk = await store.output.get(operationId, number + 1);
      if (chunk === null) break;
      number = chunk.number;
      yield chunk.text;
    }
    if (isEnd) return yield ending(operation);
    await sleep(POLL_MS, undefined, { signal });
  }
}

function ending({ state, failure, version }: Operation): string {
  if (state === 'succeeded') return `-----> Released v${version}\n`;
  const hint = failure?.hint ? `\n !     ${failure.hint}` : '';
  return ` !     ${failure?.message ?? `The operation was ${state}.`}${hint}\n`;
}
