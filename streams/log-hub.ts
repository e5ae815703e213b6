import type { Settings } from '../config/settings.ts';
import { createAnnouncements, createForgetting } from './announcements.ts';
import type { Log, Routes, Tls } from './http.ts';
import { createLogs, type Logs } from './logs.ts';
import { createReaders } from './readers.ts';
import { openSegments } from './segments.ts';
import { serveSenders, type FixedTokens } from './senders.ts';
import type { SignedTokens } from './sessions.ts';

export type LogHub = { logs: Logs; routes: Routes; close(): Promise<void> };

/** Takes the lines of every instance, keeps the last ones, and shows them to readers. */
export async function startLogHub(
  settings: Pick<Settings['streams'], 'listen' | 'folder' | 'diskMb'>,
  tls: Tls,
  tokens: FixedTokens & SignedTokens,
  log: Log,
): Promise<LogHub> {
  const totalBytes = settings.diskMb * 1024 * 1024;
  const logs = createLogs(openSegments(settings.folder, { totalBytes, appBytes: totalBytes / 4 }));
  const closeSenders = await serveSenders(settings.listen, tls, { logs, tokens, log });
  return {
    logs,
    routes: {
      'GET /logs': createReaders(logs, tokens),
      'POST /lines': createAnnouncements(logs, tokens),
      'DELETE /lines': createForgetting(logs, tokens),
    },
    close: async () => {
      await closeSenders();
      await logs.close();
    },
  };
}
