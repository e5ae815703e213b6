import { createHash } from 'node:crypto';
import { invalid } from '../domain/errors.ts';

const HOST_KEY = /^(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa) ([A-Za-z0-9+/]+={0,2})$/;

/** Throws invalid_params unless the text is `<type> <base64>` and the key inside says the same type. */
export function assertHostKey(hostKey: string, field = 'host_key'): void {
  const match = HOST_KEY.exec(hostKey);
  if (!match?.[1] || typeInside(hostKey) !== match[1]) {
    throw invalid(field, 'must be an SSH public key as known_hosts has it: its type, a space, its base64');
  }
}

/** As `ssh-keygen -l` shows it. */
export function fingerprintOf(hostKey: string): string {
  return `SHA256:${createHash('sha256').update(blobOf(hostKey)).digest('base64').replace(/=+$/, '')}`;
}

function blobOf(hostKey: string): Buffer {
  return Buffer.from(hostKey.split(' ')[1] ?? '', 'base64');
}

/** A key blob opens with the length and name of its type. */
function typeInside(hostKey: string): string | null {
  const blob = blobOf(hostKey);
  if (blob.length < 4) return null;
  return blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
}
