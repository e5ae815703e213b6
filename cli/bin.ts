#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { constants, homedir } from 'node:os';
import { join } from 'node:path';

// Halves the time of a start, of which most goes into compiling.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'dcdget'));
// Whoever read the output has gone: as other programs end, quietly, by the signal that Node ignores.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(128 + constants.signals.SIGPIPE);
  });
}
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
