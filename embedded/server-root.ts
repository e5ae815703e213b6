import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { run } from './commands.ts';
import { resolverFile } from './debian.ts';
import { registrySettings } from './registries.ts';
import type { ServerKey, ServerPlan } from './server-record.ts';

const HOST_KEY = 'etc/ssh/ssh_host_ed25519_key';

/** The layer of the server's own changes over the shared root. */
export function upperFolder({ folder }: Pick<ServerKey, 'folder'>): string {
  return join(folder, 'root', 'upper');
}

/** Writes what differs from server to server. Identity (host key, machine id) is made once and kept. */
export async function prepareRoot(plan: ServerPlan): Promise<void> {
  const upper = upperFolder(plan);
  mkdirSync(upper, { recursive: true });
  mkdirSync(join(plan.folder, 'root', 'work'), { recursive: true });
  const write = (file: string, text: string, mode = 0o644) => writeInto(join(upper, file), text, mode);
  write('etc/hostname', `${plan.name}\n`);
  write('etc/hosts', `127.0.0.1 localhost\n127.0.1.1 ${plan.name}\n::1 localhost\n`);
  write('etc/resolv.conf', readFileSync(resolverFile(), 'utf8'));
  write('etc/dcdget/registries', await registrySettings());
  if (!existsSync(join(upper, 'etc/machine-id'))) write('etc/machine-id', `${randomUUID().replaceAll('-', '')}\n`);
  admit(upper, readFileSync(plan.authorizedKeyFile, 'utf8').trim());
  await ensureHostKey(upper, plan.name);
}

/** `<type> <base64>`, as in known_hosts. */
export function hostKeyOf(server: Pick<ServerKey, 'folder'>): string {
  const [type = '', key = ''] = readFileSync(join(upperFolder(server), `${HOST_KEY}.pub`), 'utf8').split(' ');
  return `${type} ${key}`;
}

/** Keys that were added in the server stay. */
function admit(upper: string, publicKey: string): void {
  const home = join(upper, 'root');
  const file = join(home, '.ssh', 'authorized_keys');
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  const admitted = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!admitted.split('\n').includes(publicKey)) writeInto(file, `${admitted}${publicKey}\n`, 0o600);
}

async function ensureHostKey(upper: string, name: string): Promise<void> {
  const file = join(upper, HOST_KEY);
  if (existsSync(`${file}.pub`)) return;
  mkdirSync(dirname(file), { recursive: true });
  const args = ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file];
  await run({ command: 'ssh-keygen', args, timeoutMs: 10_000 });
}

function writeInto(file: string, text: string, mode: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
}
