import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { openSession } from '../cli/session.ts';
import { onServer } from '../test/rig/machine.ts';
import { atRest } from '../test/rig/histories.ts';
import { startRig, type Rig } from '../test/rig/rig.ts';
import { copyExample } from '../test/rig/source-tree.ts';
import { deployFolder } from './app-deploy.ts';
import { percentile, ratioOf } from './figures.ts';
import { benchRendezvous, type RendezvousFigures } from './rendezvous.ts';

const FLOOR = readFileSync(new URL('./run-floor.sh', import.meta.url), 'utf8');
const APP = 'bench';
const WAIT_MS = 60_000;

type SetUpFigures = {
  sessions: number;
  /** From the request to the first byte of the command's output. */
  setUpP50Ms: number;
  setUpP95Ms: number;
  /** A container like that of an instance, by one bare script on the server, until its command has ended. */
  floorP50Ms: number;
  setUpToFloor: number;
};
export type RunFigures = RendezvousFigures & SetUpFigures & { kept: boolean };

/** One-off sessions: their set-up beside a bare container, and the rendezvous beside bare pipes. */
export async function benchRun({ sessions, json }: { sessions: number; json: boolean }): Promise<boolean> {
  const say = json ? () => {} : (line: string) => console.log(line);
  const rendezvous = await benchRendezvous(say);
  const setUp = await benchSetUp(sessions, say);
  const kept = rendezvous.isKept;
  const figures: RunFigures = { ...rendezvous.figures, ...setUp, kept };
  if (json) console.log(JSON.stringify(figures));
  return kept;
}

async function benchSetUp(sessions: number, say: (line: string) => void): Promise<SetUpFigures> {
  const rig = await startRig({ name: 'bench-run', settings: { WATCH_SECONDS: '0' } });
  const source = copyExample('hello-node');
  try {
    await rig.api.createApp(APP);
    await deployFolder(rig.api, APP, source.folder);
    const [instance = ''] = (await onServer(rig, 'server1', 'ls /srv/dcdget/instances')).split('\n');
    const tookMs: number[] = [];
    const floorsMs: number[] = [];
    for (let number = 1; number <= sessions; number += 1) {
      tookMs.push(await setUpMs(rig));
      await atRest(rig);
      const printed = await onServer(rig, 'server1', `bash -s ${instance}`, FLOOR);
      floorsMs.push(Number(printed.trim().split('\n').at(-1)));
    }
    const p50 = percentile(tookMs, 0.5);
    const floor = percentile(floorsMs, 0.5);
    const figures = {
      sessions,
      setUpP50Ms: p50,
      setUpP95Ms: percentile(tookMs, 0.95),
      floorP50Ms: floor,
      setUpToFloor: ratioOf(p50, floor),
    };
    say(
      `set-up of ${sessions} sessions p50 ${p50} ms, p95 ${figures.setUpP95Ms} ms; ` +
        `a bare script on the server ${floor} ms (${figures.setUpToFloor})`,
    );
    return figures;
  } finally {
    source.remove();
    await rig.stop();
  }
}

async function setUpMs(rig: Rig): Promise<number> {
  const beganMs = performance.now();
  const session = await rig.api.createSession(APP, {
    command: 'echo up',
    attach: true,
    framed: true,
    force_no_tty: true,
  });
  if (session.attach_url === null) throw new Error('the session has no attach_url');
  const output = new PassThrough();
  const open = openSession({
    url: session.attach_url,
    tls: rig.api.tls(),
    desk: { input: new PassThrough(), output, errors: new PassThrough().resume(), window: () => null },
    isTakenUp: false,
    again: null,
  });
  await once(output, 'data', { signal: AbortSignal.timeout(WAIT_MS) });
  const tookMs = Math.round(performance.now() - beganMs);
  await open.ended;
  return tookMs;
}
