import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DcdgetError, invalid } from '../domain/errors.ts';
import { ensurePackages, SERVER_PACKAGES } from './apt.ts';
import { removeBridge, type Bridge } from './bridge.ts';
import { developmentParts, findDevelopment, stateOf } from './development.ts';
import { ensureImages } from './images.ts';
import { ensureKeys } from './keys.ts';
import { step } from './progress.ts';
import { bootServer, listServers, removeServer, stopServer, type ServerPlan } from './server.ts';
import { containerState } from './server-container.ts';
import {
  cutNetwork,
  fillDisk,
  freeDisk,
  pauseServer,
  rebootServer,
  restoreNetwork,
  resumeServer,
} from './server-faults.ts';
import { assertNames, serversIn } from './server-record.ts';
import { hostKeyOf } from './server-root.ts';

const USAGE = `Simulated servers by hand: systemd machines on this machine, reached by SSH.

  bin/server up NAME                  boots it, making it when it is new
  bin/server down NAME [--remove]     halts it; --remove leaves nothing of it
  bin/server reboot NAME [--power-cut]
  bin/server pause NAME               stops every process in it, as a machine that hangs
  bin/server resume NAME
  bin/server cut NAME                 loses all that is sent to it or by it
  bin/server restore NAME
  bin/server fill NAME [--inodes]     leaves no room on its /srv/dcdget
  bin/server free NAME
  bin/server ssh NAME [-- COMMAND]    as root
  bin/server list [--json]            those of bin/dev and bin/server, and those of test runs that are up

  DCDGET_HOME                         folder for data and cache, ~/.dcdget when not set
`;

const RUN = 'dev';
const BRIDGE: Bridge = { name: 'dcdget0', gateway: '198.18.0.1', prefixLength: 24 };
/** Lower ones are those of the servers that bin/dev boots. */
const FIRST_NUMBER = 21;
const LAST_NUMBER = 250;

/** What is done with a server that is there: the state it is in afterwards, or an exit code. */
const ACTIONS: Readonly<Record<string, (server: ServerPlan) => Promise<string | number>>> = {
  down,
  reboot: async (server) => {
    await rebootServer(server, options['power-cut'] ? 'power-cut' : 'clean');
    return 'up again';
  },
  pause: async (server) => {
    await pauseServer(server);
    return 'paused';
  },
  resume: async (server) => {
    await resumeServer(server);
    return 'running again';
  },
  cut: async (server) => {
    await cutNetwork(server);
    return 'cut off';
  },
  restore: async (server) => {
    await restoreNetwork(server);
    return 'reachable again';
  },
  fill: async (server) => {
    const scarce = options.inodes ? 'inodes' : 'bytes';
    await fillDisk(server, scarce);
    return `out of ${scarce}`;
  },
  free: async (server) => {
    freeDisk(server);
    return 'no longer full';
  },
  ssh,
};

const development = findDevelopment(process.env);
const { homeFolder, folder } = development;
const { values: options, positionals, tokens } = readArguments();

try {
  process.exitCode = await perform(positionals[0], positionals[1]);
} catch (error) {
  process.exitCode = report(error);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      tokens: true,
      options: {
        remove: { type: 'boolean' },
        'power-cut': { type: 'boolean' },
        inodes: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    process.exit(report(invalid('the command line', `is not understood: ${(error as Error).message}`)));
  }
}

async function perform(command: string | undefined, name: string | undefined): Promise<number> {
  if (options.help || command === undefined) return print(USAGE);
  if (process.getuid?.() !== 0) {
    throw new DcdgetError('forbidden', 'servers can only be booted by root', { hint: 'Try it with sudo.' });
  }
  if (command === 'list') return list();
  const act = command === 'up' ? null : ACTIONS[command];
  if (act === undefined) throw invalid('the command', `is ${command}; bin/server --help lists the known ones`);
  if (name === undefined) throw invalid('the command line', `lacks the server's name: bin/server ${command} NAME`);
  if (act === null) return up(name);
  const outcome = await act(find(name));
  return typeof outcome === 'number' ? outcome : print(`${name} is ${outcome}.\n`);
}

async function up(name: string): Promise<number> {
  assertNames({ name, run: RUN });
  await step('Debian packages', (say) => ensurePackages(SERVER_PACKAGES, say));
  const images = await step('images of servers and apps', (say) => ensureImages(join(homeFolder, 'cache'), say));
  const { sshPublicKeyFile } = await ensureKeys(folder);
  const known = serversIn(serversFolder()).find((server) => server.name === name);
  const plan = {
    name,
    run: RUN,
    folder: join(serversFolder(), name),
    bridge: BRIDGE,
    address: known?.address ?? freeAddress(),
    authorizedKeyFile: sshPublicKeyFile,
    images,
  };
  await step(`booting ${name}`, () => bootServer(plan));
  return print(`${name} is up at ${plan.address}: bin/server ssh ${name}\n`);
}

async function down(server: ServerPlan): Promise<string> {
  await (options.remove ? removeServer(server) : stopServer(server));
  // The bridge is also what bin/dev's services listen on.
  if (stateOf(await developmentParts(development)) === 'down') await removeBridge(BRIDGE.name);
  return options.remove ? 'removed' : 'down';
}

async function list(): Promise<number> {
  const elsewhere = (await listServers()).filter(({ run }) => run !== RUN);
  const here = await Promise.all(
    serversIn(serversFolder()).map(async (plan) => ({ ...plan, state: await containerState(plan) })),
  );
  const rows = [...here, ...elsewhere].map(({ name, run, address, state, bridge }) => ({
    name,
    run,
    address,
    state,
    bridge: bridge.name,
  }));
  if (options.json) return print(`${JSON.stringify(rows)}\n`);
  for (const row of rows) {
    console.log([row.name.padEnd(16), row.run.padEnd(16), row.address.padEnd(16), row.state].join(' '));
  }
  return rows.length > 0 ? 0 : print('There is no server; bin/server up NAME makes one.\n');
}

/** The host key is checked: it was made here. */
function ssh(server: ServerPlan): Promise<number> {
  const knownHosts = join(server.folder, 'known_hosts');
  mkdirSync(server.folder, { recursive: true });
  writeFileSync(knownHosts, `${server.address} ${hostKeyOf(server)}\n`);
  const args = ['-i', server.authorizedKeyFile.replace(/\.pub$/, ''), '-o', `UserKnownHostsFile=${knownHosts}`];
  const strict = ['-o', 'IdentitiesOnly=yes', '-o', 'StrictHostKeyChecking=yes', '-o', 'ConnectTimeout=10'];
  const child = spawn('ssh', [...args, ...strict, `root@${server.address}`, ...commandToRun()], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** What follows `--`, or else what follows the name. */
function commandToRun(): string[] {
  const terminator = tokens.find(({ kind }) => kind === 'option-terminator');
  if (!terminator) return positionals.slice(2);
  return tokens.flatMap((token) =>
    token.kind === 'positional' && token.index > terminator.index ? [token.value] : [],
  );
}

function find(name: string): ServerPlan {
  const found = serversIn(serversFolder()).find((server) => server.name === name);
  if (found) return found;
  throw new DcdgetError('not_found', `there is no server ${name}`, { hint: `bin/server up ${name} makes it.` });
}

function freeAddress(): string {
  const taken = new Set(serversIn(serversFolder()).map(({ address }) => address));
  for (let number = FIRST_NUMBER; number <= LAST_NUMBER; number += 1) {
    const address = BRIDGE.gateway.replace(/\d+$/, String(number));
    if (!taken.has(address)) return address;
  }
  throw new DcdgetError('no_capacity', `every address of ${BRIDGE.name} is taken`);
}

function serversFolder(): string {
  return join(folder, 'servers');
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function report(error: unknown): number {
  if (!(error instanceof DcdgetError)) throw error;
  console.error(`dcdget: ${error.message}`);
  if (error.output) console.error(error.output.replaceAll(/^/gm, '    '));
  if (error.hint) console.error(`  ${error.hint}`);
  return 1;
}
