import { readSettings } from '../config/settings.ts';
import { openStore } from '../store/store.ts';
import { startRig, type Rig } from '../test/rig/rig.ts';
import { copyExample } from '../test/rig/source-tree.ts';
import { deployFolder } from './app-deploy.ts';
import { benchCrowd, type CrowdFigures } from './deploy-crowd.ts';
import { benchScale, type ScaleFigures } from './deploy-scale.ts';
import { benchSeries, type SeriesFigures } from './deploy-series.ts';
import { benchWarm, type WarmFigures } from './deploy-warm.ts';

export const PARTS = ['warm', 'crowd', 'scale', 'series'] as const;
export type Part = (typeof PARTS)[number];

/** What every part works on: a deployed app on one server. */
export type Bench = { rig: Rig; app: string; server: string; folder: string; say: (line: string) => void };

/** Those of the parts that ran, and whether all of their ratios are within bounds. */
export type DeployFigures = Partial<WarmFigures & CrowdFigures & ScaleFigures & SeriesFigures> & { kept: boolean };

type Options = { parts: readonly Part[]; deploys: number; series: number; json: boolean };

const APP = 'bench';
const SERVER = 'server1';
/** The sizes that instances reserve together; what they really use is far less. */
const RESERVABLE_MB = 64 * 1024;

/** The parts one after the other, on a dcdget of their own. */
export async function benchDeploy(options: Options): Promise<boolean> {
  const say = options.json ? () => {} : (line: string) => console.log(line);
  const rig = await startRig({ name: 'bench', settings: { WATCH_SECONDS: '0', BOOT_SECONDS: '60' } });
  const source = copyExample('hello-node');
  try {
    await raiseCapacity(rig);
    await rig.api.createApp(APP);
    await deployFolder(rig.api, APP, source.folder);
    const bench = { rig, app: APP, server: SERVER, folder: source.folder, say };
    const measured = [];
    for (const part of PARTS.filter((name) => options.parts.includes(name))) {
      measured.push(await runPart(part, bench, options));
    }
    const kept = measured.every(({ isKept }) => isKept);
    const figures: DeployFigures = Object.assign({ kept }, ...measured.map((part) => part.figures));
    if (options.json) console.log(JSON.stringify(figures));
    return kept;
  } finally {
    source.remove();
    await rig.stop();
  }
}

function runPart(
  part: Part,
  bench: Bench,
  { deploys, series }: Options,
): Promise<{ figures: Omit<DeployFigures, 'kept'>; isKept: boolean }> {
  switch (part) {
    case 'warm':
      return benchWarm(bench, deploys);
    case 'crowd':
      return benchCrowd(bench);
    case 'scale':
      return benchScale(bench);
    case 'series':
      return benchSeries(bench, series);
  }
}

/** Twenty apps, each old and new side by side, have room on a small machine too. */
async function raiseCapacity(rig: Rig): Promise<void> {
  const store = await openStore(readSettings(rig.environment));
  try {
    const { id } = await store.servers.get(SERVER);
    await store.servers.change(id, { memoryMb: RESERVABLE_MB });
  } finally {
    await store.close();
  }
}
