import { Transform, type Readable } from 'node:stream';
import { DcdgetError } from '../domain/errors.ts';

export const MAX_SOURCE_BYTES = 512 * 1024 * 1024;

/**
 * Hands a body on while counting it. Throws too_large when there is more than allowed, invalid_params when there is
 * nothing, bad_request when the sender left, and what `write` threw. `write` sees a broken stream in the first three,
 * so that nothing is kept; the rest of the body is read and dropped, so that its sender sees the answer.
 */
export async function limited(
  body: Readable,
  write: (stream: Readable) => Promise<void>,
  maxBytes = MAX_SOURCE_BYTES,
): Promise<void> {
  const counter = createCounter(maxBytes);
  let broken: Error | null = null;
  counter.once('error', (error) => (broken = error));
  body.once('close', () => {
    if (!body.readableEnded) counter.destroy(new DcdgetError('bad_request', 'The upload broke off'));
  });
  body.pipe(counter);
  try {
    await write(counter);
  } catch (error) {
    throw broken ?? error;
  } finally {
    body.unpipe(counter);
    counter.destroy();
    body.resume();
  }
}

function createCounter(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(tooLarge(maxBytes));
      else done(null, chunk);
    },
    flush(done) {
      done(bytes === 0 ? new DcdgetError('invalid_params', 'The archive is empty', { field: 'body' }) : null);
    },
  });
}

export function tooLarge(maxBytes = MAX_SOURCE_BYTES): DcdgetError {
  return new DcdgetError('too_large', `The source is larger than ${Math.floor(maxBytes / 1024 / 1024)} MB`, {
    hint: 'Leave out what is not source, such as node_modules and build results.',
  });
}
