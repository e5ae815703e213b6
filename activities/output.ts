import { DcdgetError } from '../domain/errors.ts';
import type { Output } from '../store/output.ts';

const FLUSH_AFTER_MS = 200;
const MAX_CHUNK_BYTES = 256 * 1024;
const KEPT_BYTES = 64 * 1024;
/** A log longer than this is cut with a sentence: it would fill the store. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;

export type OutputWriter = {
  write(text: string): void;
  /** The end of what was written. */
  text(): string;
  /** Resolves when everything is stored; rejects when it could not be. */
  close(): Promise<void>;
};

const AGAIN = '\n-----> Building again: the attempt before broke off\n';

/**
 * Writes a build log in pieces, a few a second, in order. A retried compile goes on behind what the attempt before has
 * written: whoever reads has that already, and would otherwise be left with parts of both.
 */
export async function openOutput(store: Output, operationId: string): Promise<OutputWriter> {
  const written = (await store.list(operationId)).at(-1)?.number ?? 0;
  let pending = written === 0 ? '' : AGAIN;
  let kept = '';
  let bytes = 0;
  let number = written;
  let timer: NodeJS.Timeout | undefined;
  let failed: unknown;
  let writing: Promise<void> = Promise.resolve();

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    while (pending !== '') {
      const text = pending.slice(0, MAX_CHUNK_BYTES);
      pending = pending.slice(MAX_CHUNK_BYTES);
      number += 1;
      const chunk = { operationId, number, text };
      writing = writing.then(() => store.write(chunk)).catch((error: unknown) => void (failed ??= error));
    }
  };

  return {
    write(text) {
      kept = (kept + text).slice(-KEPT_BYTES);
      if (bytes > MAX_LOG_BYTES) return;
      bytes += text.length;
      pending += bytes > MAX_LOG_BYTES ? '\n [the log is longer than 16 MiB and was cut here]\n' : text;
      timer ??= setTimeout(flush, FLUSH_AFTER_MS);
    },
    text: () => kept,
    async close() {
      flush();
      await writing;
      if (failed !== undefined)
        throw new DcdgetError('unavailable', 'The build log could not be stored', { cause: failed });
    },
  };
}
