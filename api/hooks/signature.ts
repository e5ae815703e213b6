import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether `header` is `sha256=<hex HMAC-SHA256 of the body>` by this key; takes as long whatever is wrong with it. */
export function isSigned(body: Buffer, header: string | undefined, key: string): boolean {
  const expected = createHmac('sha256', key).update(body).digest();
  const given = Buffer.alloc(expected.length);
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(header ?? '')?.[1] ?? '';
  given.write(hex, 'hex');
  return timingSafeEqual(given, expected) && hex !== '';
}
