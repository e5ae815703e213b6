import { NodeSSH } from 'node-ssh';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { atRest } from './histories.ts';
import type { Rig } from './rig.ts';

const LIST = readFileSync(new URL('../../recipes/server/list.sh', import.meta.url), 'utf8');
const BUILDS_REMOVED_WITHIN_MS = 20_000;

/** Runs a command on a server of the rig over SSH, as an operator would; throws when it fails. */
export async function onServer(rig: Rig, name: string, command: string, stdin = ''): Promise<string> {
  const server = rig.servers.find((other) => other.name === name) ?? rig.servers[0];
  if (server === undefined) throw new Error('the rig has no server');
  const ssh = new NodeSSH();
  try {
    await ssh.connect({
      host: server.host,
      port: server.port,
      username: 'root',
      privateKey: readFileSync(rig.environment['SSH_PRIVATE_KEY_FILE'] ?? '', 'utf8'),
      readyTimeout: 10_000,
    });
    const { stdout, stderr, code } = await ssh.execCommand(command, { stdin });
    if (code !== 0) throw new Error(`${command} exited ${code} on ${server.name}: ${stderr}`);
    return stdout;
  } finally {
    ssh.dispose();
  }
}

/** Everything of dcdget on every server, sorted: two of them are equal when nothing was left over. */
export async function listing(rig: Rig): Promise<string[]> {
  const deadline = Date.now() + BUILDS_REMOVED_WITHIN_MS;
  for (;;) {
    const items = await listingNow(rig);
    // What a build wrote is removed behind its answer.
    if (!items.some((item) => item.includes('/packman/builds/')) || Date.now() > deadline) return items;
    await sleep(200);
  }
}

async function listingNow(rig: Rig): Promise<string[]> {
  const lists = await Promise.all(
    rig.servers.map(async ({ name }) => {
      const lines = (await onServer(rig, name, 'bash -s', LIST)).trimEnd().split('\n').slice(0, -1);
      return lines.map((line) => `${name}: ${line}`);
    }),
  );
  return lists.flat();
}

/** The same, once nothing is under way any more. */
export async function listingAtRest(rig: Rig): Promise<string[]> {
  await atRest(rig);
  return listing(rig);
}
