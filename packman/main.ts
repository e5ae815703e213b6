import packageJson from '../package.json' with { type: 'json' };
import { DcdgetError } from '../domain/errors.ts';
import { ensureLoopDevices } from './build-disk.ts';
import { BuildFolder } from './build-folder.ts';
import { BuildSlots } from './build-slots.ts';
import { compile } from './compile.ts';
import { createServer } from './server.ts';
import { serverLog } from './server-log.ts';
import { readSettings } from './settings.ts';

const settings = readSettings();
await ensureLoopDevices();
await BuildFolder.removeAll(settings.buildsFolder);

const stopping = new AbortController();
const slots = new BuildSlots(settings.limits.builds, settings.limits.waitingBuilds);
const { version } = packageJson;
const server = createServer({ settings, slots, version, stopping: stopping.signal, serverLog, compile });

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping.abort(new DcdgetError('unavailable', 'The build server is being stopped; the build can be tried again.'));
    server.close(() => serverLog('stopped', {}));
    server.closeIdleConnections();
  });
}

server.listen(settings.listen, () => serverLog('listening', { ...settings.listen, version }));
