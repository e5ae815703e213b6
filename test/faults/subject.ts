import { join } from 'node:path';
import { readSettings } from '../../config/settings.ts';
import type { App } from '../../domain/apps.ts';
import { openStore, type Store } from '../../store/store.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import type { Rig } from '../rig/rig.ts';
import { copySource, type SourceTree } from '../rig/source-tree.ts';

const PROBE = join(import.meta.dirname, 'probe');
export const MARKS = ['first', 'second'] as const;
export type Mark = (typeof MARKS)[number];

/** The app that the faults happen to: two web processes and a worker, spread over the rig's servers. */
export type Subject = {
  rig: Rig;
  store: Store;
  app: App;
  /** A config value, to be found nowhere. */
  secret: string;
  sources: Readonly<Record<Mark, SourceTree>>;
  remove: () => Promise<void>;
};

/** Both sources are compiled once, so that later deploys of them are quick. */
export async function createSubject(rig: Rig, name: string): Promise<Subject> {
  const store = await openStore(readSettings(rig.environment));
  const sources = { first: markedSource('first'), second: markedSource('second') };
  const secret = `sw0rdfish-of-${name}`;
  await dcdgetJson(rig, 'apps:create', name);
  const { id } = await store.apps.get(name);
  await succeeds(rig, 'config:set', `PASSWORD=${secret}`, '--app', name);
  await succeeds(rig, 'deploy', sources.first.folder, '--app', name);
  await succeeds(rig, 'ps:scale', 'web=2', 'worker=1', '--app', name);
  await succeeds(rig, 'deploy', sources.second.folder, '--app', name);
  return {
    rig,
    store,
    app: await store.apps.get(id),
    secret,
    sources,
    async remove() {
      for (const mark of MARKS) sources[mark].remove();
      await dcdget(rig, 'apps:destroy', '--app', name, '--confirm', name);
      await store.close();
    },
  };
}

async function succeeds(rig: Rig, ...words: string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await dcdget(rig, ...words);
  if (exitCode !== 0) throw new Error(`dcdget ${words.join(' ')} exited ${exitCode}:\n${stdout}${stderr}`);
}

function markedSource(mark: Mark): SourceTree {
  const source = copySource(PROBE);
  source.edit('server.js', 'unmarked', mark);
  return source;
}
