import { writeFile } from 'node:fs/promises';
import { buildApp } from './app.ts';
import type { Dependencies } from './dependencies.ts';

const [, , file] = process.argv;
if (file === undefined) throw new Error('usage: node api/openapi.ts FILE');

// The document is made of the routes alone: no request comes, so nothing is ever asked of a dependency.
const { api } = buildApp(inert() as Dependencies, { tls: null, logger: false });
await api.ready();
await writeFile(file, `${JSON.stringify(api.swagger(), null, 2)}\n`);
await api.close();

/** Whatever is asked of it is the same nothing. */
function inert(): unknown {
  const nothing: unknown = new Proxy(() => nothing, { get: () => nothing });
  return nothing;
}
