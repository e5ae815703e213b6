import type { FastifyReply } from 'fastify';
import { once } from 'node:events';

/**
 * Answers with what `produce` yields, each piece at once and none faster than the reader takes it. `signal` ends when
 * the reader leaves or the API closes. Heads that a stream needs are in `contentType` only: nothing may buffer it.
 */
export function sendStream(
  reply: FastifyReply,
  contentType: string,
  closing: AbortSignal,
  produce: (signal: AbortSignal) => AsyncIterable<string>,
): void {
  reply.hijack();
  const { raw } = reply;
  const gone = new AbortController();
  // Of the response: the request closes as soon as its body is read.
  raw.once('close', () => gone.abort());
  raw.writeHead(200, {
    'content-type': contentType,
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    'request-id': reply.request.id,
  });
  raw.flushHeaders();
  void write(AbortSignal.any([gone.signal, closing]));

  async function write(signal: AbortSignal): Promise<void> {
    try {
      for await (const text of produce(signal)) {
        if (!raw.write(text)) await once(raw, 'drain', { signal });
      }
      raw.end();
    } catch (error) {
      if (!signal.aborted) reply.log.error({ err: error }, 'A stream broke off');
      raw.destroy();
    }
  }
}
