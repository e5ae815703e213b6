import { readFile, writeFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import type { Node } from 'typescript-5';

// Writes openapi.ts from the OpenAPI document: node cli/openapi-types.ts DOCUMENT
//
// openapi-typescript works with the compiler's API, which TypeScript has up to version 5 only.
registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'typescript' ? 'typescript-5' : specifier, context),
});
const { default: openapiTS, astToString } = await import('openapi-typescript');

const [, , documentFile] = process.argv;
if (documentFile === undefined) throw new Error('usage: openapi-types.ts DOCUMENT');
const nodes = await openapiTS(await readFile(documentFile, 'utf8'), { alphabetize: true });
const head = '// Generated from the OpenAPI document by openapi-types.ts: do not edit.\n\n';
await writeFile(join(import.meta.dirname, 'openapi.ts'), head + astToString(nodes.filter(isUsed)));

/** Of what the generator declares, the command line reads the paths, and they refer to the operations. */
function isUsed(node: Node): boolean {
  const { name } = node as Node & { name?: { text: string } };
  return name !== undefined && ['paths', 'operations'].includes(name.text);
}
