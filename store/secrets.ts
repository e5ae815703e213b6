import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { DcdgetError } from '../domain/errors.ts';

export type Secrets = ReturnType<typeof createSecrets>;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM under a key derived from the platform's secret key; base64 of nonce, tag and ciphertext. */
export function createSecrets(secretKey: Buffer) {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'dcdget at rest', 32));

  return {
    /** `about` is bound to the text: a sealed value moved to another place does not open. */
    seal(text: string, about: string): string {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },

    /** Throws internal when the text was changed, moved, or sealed under another key. */
    open(sealed: string, about: string): string {
      const bytes = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(about))
        .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new DcdgetError('internal', `A stored secret (${about}) cannot be opened with this secret key`, {
          cause,
        });
      }
    },
  };
}
