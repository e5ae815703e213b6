import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../embedded/commands.ts';
import { waitFor } from '../../embedded/deadlines.ts';
import { deviceName, ip } from '../../embedded/network-device.ts';
import { killProcess, processId, startProcess } from '../../embedded/processes.ts';
import type { Rig } from './rig.ts';

/** A network of its own on the rig's bridge, as that of a laptop elsewhere. */
export type FarNetwork = {
  /** What goes before a command, so that it runs there. */
  prefix: readonly string[];
  /** What a client there exports. */
  client: Rig['client'];
  /** Nothing goes in or out any more, and every connection that is open there breaks. The other ends are not told. */
  cut: () => Promise<void>;
  mend: () => Promise<void>;
  remove: () => Promise<void>;
};

/** Keeps the network; removed with the rig when a killed story leaves it. */
const HOLDER = 'far-network';
const TIMEOUT_MS = 10_000;

export async function farNetwork({ run: name, folder, environment, client }: Rig): Promise<FarNetwork> {
  const publicUrl = environment['PUBLIC_URL'] ?? '';
  const pid = await startHolder(folder);
  const prefix = ['nsenter', `--net=/proc/${pid}/ns/net`];
  const there = (...words: string[]) => {
    const [command = '', ...args] = [...prefix, ...words];
    return run({ command, args, timeoutMs: TIMEOUT_MS });
  };
  const device = deviceName('dcdl', name);
  const bridge = readFileSync(join(folder, 'bridge'), 'utf8');
  await ip('link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
  await ip('link', 'set', device, 'master', bridge, 'up');
  await there('ip', 'address', 'add', `${new URL(publicUrl).hostname.replace(/\d+$/, '200')}/24`, 'dev', 'eth0');
  await there('ip', 'link', 'set', 'eth0', 'up');
  return {
    prefix,
    client: { ...client, DCDGET_URL: publicUrl },
    async cut() {
      await there('ip', 'link', 'set', 'eth0', 'down');
      await there('ss', '--kill', '--tcp', 'state', 'connected');
    },
    mend: async () => void (await there('ip', 'link', 'set', 'eth0', 'up')),
    // Its devices go with it.
    remove: () => killProcess(folder, HOLDER),
  };
}

async function startHolder(folder: string): Promise<number> {
  await startProcess(folder, { name: HOLDER, command: 'unshare', args: ['--net', 'sleep', 'infinity'] });
  const pid = processId(folder, HOLDER);
  if (pid === null) throw new Error('the far network ended at once');
  await waitFor({ awaited: 'the far network', timeoutMs: TIMEOUT_MS, intervalMs: 10 }, async () =>
    readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net') ? null : true,
  );
  return pid;
}
