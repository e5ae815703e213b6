import { scaleTo } from './app-deploy.ts';
import type { Bench } from './deploy.ts';
import { wholeMs } from './operation-times.ts';

const INSTANCES = 20;

export type ScaleFigures = { scaleInstances: number; scaleMs: number };

/** One app from 1 to 20 processes; only shown. */
export async function benchScale({ rig, app, say }: Bench): Promise<{ figures: ScaleFigures; isKept: boolean }> {
  const up = await scaleTo(rig.api, app, INSTANCES);
  const down = await scaleTo(rig.api, app, 1);
  say(`scale 1 → ${INSTANCES}: ${wholeMs(up)} ms, ${INSTANCES} → 1: ${wholeMs(down)} ms\n`);
  return { figures: { scaleInstances: INSTANCES, scaleMs: wholeMs(up) }, isKept: true };
}
