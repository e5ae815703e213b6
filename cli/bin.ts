#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Halves the time of a start, of which most goes into compiling.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'dcdget'));
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
