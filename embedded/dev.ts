import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DcdgetError, invalid } from '../domain/errors.ts';
import { endCommands } from './commands.ts';
import {
  bringDown,
  bringUp,
  developmentParts,
  developmentUrls,
  endParts,
  findDevelopment,
  removeDevelopment,
  requireRoom,
  stateOf,
} from './development.ts';
import { withLock } from './locks.ts';
import { followLogs, showLogs } from './log-files.ts';
import { readPlatform } from './platform.ts';

const USAGE = `Brings a whole dcdget up on this machine.

  bin/dev                  in the foreground: shows the logs, Ctrl-C stops everything
  bin/dev --detach         in the background
  bin/dev status [--json]  what runs
  bin/dev env              what a client must export: eval "$(bin/dev env)"
  bin/dev logs [--follow]  what the parts wrote
  bin/dev down             stops everything; apps, releases and histories stay
  bin/dev reset [--yes]    stops everything and removes its data; what took long to make stays

  DCDGET_HOME              folder for data and cache, ~/.dcdget when not set
  TEMPORAL_ADDRESS, MONGODB_URL, S3_ENDPOINT (with S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY)
                           services to use instead of the embedded ones
  WATCH_SECONDS            how long a new release is watched before the old one goes, 5 when not set
`;

const INTERRUPTED_EXIT_CODE = 130;
const SETTLE_MS = 30_000;
const WATCH_MS = 2000;
const development = findDevelopment(process.env);
const toldDead = new Set<string>();

type Options = { detach?: boolean; json?: boolean; yes?: boolean; follow?: boolean; help?: boolean };

try {
  const { command, options } = readArguments();
  process.exitCode = await perform(command, options);
} catch (error) {
  process.exitCode = report(error);
}

function readArguments(): { command: string; options: Options } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        detach: { type: 'boolean', short: 'd' },
        json: { type: 'boolean' },
        yes: { type: 'boolean', short: 'y' },
        follow: { type: 'boolean', short: 'f' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return { command: positionals.join(' ') || 'up', options: values };
  } catch (cause) {
    throw new DcdgetError('invalid_params', (cause as Error).message.split('. ')[0] ?? '', {
      hint: 'bin/dev --help shows what there is.',
    });
  }
}

async function perform(command: string, options: Options): Promise<number> {
  if (options.help) return print(USAGE);
  switch (command) {
    case 'up':
      return up(options);
    case 'status':
      return status(options);
    case 'env':
      return printEnvironment();
    case 'logs':
      return logs(options);
    case 'down':
      return exclusively(down);
    case 'reset':
      return exclusively(() => reset(options));
    default:
      throw invalid('the command', `is ${command}; bin/dev --help lists the known ones`);
  }
}

/** One change at a time: two of them would fight over the same ports and folders. */
function exclusively(work: () => Promise<number>): Promise<number> {
  const lock = `${development.homeFolder}/dev.lock`;
  return withLock(lock, { timeoutMs: 0, busy: 'another bin/dev is at work; wait for it or stop it' }, work);
}

async function up(options: Options): Promise<number> {
  const isUp = await exclusively(async () => {
    if (stateOf(await developmentParts(development)) === 'up') {
      console.log('dcdget is already up.');
      printSummary();
      return 1;
    }
    await upOrNothing();
    printSummary();
    return 0;
  });
  return isUp === 1 || options.detach ? 0 : stayInForeground();
}

/** Leaves nothing half started, whether it fails or is interrupted. */
async function upOrNothing(): Promise<void> {
  // What a crash or a reboot left is started anew as a whole.
  await endParts(development);
  await requireRoom(development);
  const work = bringUp(development);
  try {
    await Promise.race([work, interruption()]);
  } catch (error) {
    console.log('stopping what was started');
    endCommands();
    await endParts(development);
    // What was being started when it was interrupted fails now; nothing of it may stay either.
    await Promise.race([work.catch(() => undefined), sleep(SETTLE_MS)]);
    await endParts(development);
    throw error;
  }
}

function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => reject(new DcdgetError('cancelled', 'interrupted')));
    }
  });
}

async function stayInForeground(): Promise<number> {
  console.log('The logs follow. Ctrl-C stops everything.\n');
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
  const watch = setInterval(() => void watchParts(ending), WATCH_MS);
  await followLogs(development.folder, ending.signal);
  clearInterval(watch);
  console.log('\nstopping');
  return exclusively(down);
}

/** Tells what ended by itself; ends the following when another bin/dev stopped everything. */
async function watchParts(following: AbortController): Promise<void> {
  const parts = await developmentParts(development);
  if (stateOf(parts) === 'down') following.abort();
  for (const [name, state] of Object.entries(parts)) {
    if (state !== 'died' || toldDead.has(name)) continue;
    toldDead.add(name);
    console.error(`dcdget: ${name} ended by itself; its log is in ${development.folder}/logs/${name}.log`);
  }
}

async function down(): Promise<number> {
  await bringDown(development);
  return print('dcdget is down; its data is kept.\n');
}

async function reset(options: Options): Promise<number> {
  if (!options.yes && !(await isConfirmed())) return 1;
  await removeDevelopment(development);
  return print('dcdget is down and its data is gone.\n');
}

async function isConfirmed(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Remove all apps and data in ${development.folder}? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function status(options: Options): Promise<number> {
  const parts = await developmentParts(development);
  const state = stateOf(parts);
  if (options.json) {
    const urls = state === 'down' ? null : developmentUrls(development);
    console.log(JSON.stringify({ state, parts, urls }));
  } else {
    for (const [name, partState] of Object.entries(parts)) console.log(`${name.padEnd(10)} ${partState}`);
    console.log(`dcdget is ${state}.`);
  }
  return state === 'up' ? 0 : 1;
}

function printEnvironment(): number {
  const platform = readPlatform(development.folder);
  if (!platform) throw new DcdgetError('unavailable', 'dcdget was never up here', { hint: 'Run bin/dev first.' });
  for (const [name, value] of Object.entries(platform.client)) console.log(`export ${name}='${value}'`);
  return 0;
}

async function logs(options: Options): Promise<number> {
  showLogs(development.folder, 20);
  if (options.follow) {
    const ending = new AbortController();
    process.on('SIGINT', () => ending.abort());
    await followLogs(development.folder, ending.signal);
  }
  return 0;
}

function printSummary(): void {
  const { app, api, temporalUi } = developmentUrls(development);
  print(`
  The app          ${app}
  The API          ${api}
  Temporal's UI    ${temporalUi ?? "your Temporal's"}
  The CLI          eval "$(bin/dev env)"
                   bin/dcdget apps
                   bin/dcdget deploy examples/hello-node --app hello

`);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function report(error: unknown): number {
  if (!(error instanceof Error)) throw error;
  console.error(`dcdget: ${error.message}`);
  const { output, hint } = error as Partial<DcdgetError>;
  if (output) console.error(output.replaceAll(/^/gm, '    '));
  if (hint) console.error(`  ${hint}`);
  if (!(error instanceof DcdgetError)) console.error(error.stack);
  return error instanceof DcdgetError && error.code === 'cancelled' ? INTERRUPTED_EXIT_CODE : 1;
}
