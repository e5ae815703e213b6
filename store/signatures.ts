import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

export type Signatures = ReturnType<typeof createSignatures>;

/** Short-lived bearer tokens that name one thing, such as `recipe:<sha256>`; nothing is stored. */
export function createSignatures(secretKey: Buffer) {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'dcdget signatures', 32));
  const mac = (thing: string, expires: number) =>
    createHmac('sha256', key).update(`${expires} ${thing}`).digest('base64url');

  return {
    sign(thing: string, validMs: number, now = Date.now()): string {
      const expires = now + validMs;
      return `${expires}.${mac(thing, expires)}`;
    },

    /** A lasting secret for one thing, always the same: nothing to store, nothing to lose. */
    fixed: (thing: string): string => createHmac('sha256', key).update(`fixed ${thing}`).digest('base64url'),

    isValid(token: string, thing: string, now = Date.now()): boolean {
      const [expires, signature] = token.split('.', 2);
      if (!expires || !signature || !/^\d{1,16}$/.test(expires) || Number(expires) < now) return false;
      const given = Buffer.from(signature);
      const expected = Buffer.from(mac(thing, Number(expires)));
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
