import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.ts';

export type Keys = {
  /** The first user's token. */
  token: string;
  secretKeyFile: string;
  sshPrivateKeyFile: string;
  sshPublicKeyFile: string;
};

/** Makes what is missing; what is there stays. */
export async function ensureKeys(folder: string): Promise<Keys> {
  const home = join(folder, 'keys');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const sshPrivateKeyFile = join(home, 'ssh');
  const secretKeyFile = join(home, 'secret');
  ensureFile(secretKeyFile, () => randomBytes(32).toString('base64'));
  ensureFile(join(home, 'token'), () => randomBytes(24).toString('hex'));
  if (!existsSync(sshPrivateKeyFile)) {
    const args = ['-q', '-t', 'ed25519', '-N', '', '-C', 'dcdget', '-f', sshPrivateKeyFile];
    await run({ command: 'ssh-keygen', args, timeoutMs: 10_000 });
  }
  return {
    token: readFileSync(join(home, 'token'), 'utf8'),
    secretKeyFile,
    sshPrivateKeyFile,
    sshPublicKeyFile: `${sshPrivateKeyFile}.pub`,
  };
}

function ensureFile(file: string, content: () => string): void {
  if (!existsSync(file)) writeFileSync(file, content(), { mode: 0o600 });
}
