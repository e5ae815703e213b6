import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';
import packageFile from './package.json' with { type: 'json' };

const CLI = import.meta.dirname;
/** Modules that came from CommonJS ask for these. */
const BANNER = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
import { dirname as __dirnameOf } from 'node:path';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __dirnameOf(__filename);`;

/** Writes the package that `npm pack` then packs: package.json, dist/ and the licences of what is bundled. */
async function writePackage(folder: string): Promise<void> {
  const { metafile } = await build({
    entryPoints: [join(CLI, 'main.ts')],
    outfile: join(folder, 'dist', 'main.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: BANNER },
    // oclif looks at it only to run TypeScript, which is not how this runs.
    external: ['typescript'],
    metafile: true,
    absWorkingDir: resolve(CLI, '..'),
    logLevel: 'warning',
  });
  writeFileSync(
    join(folder, 'dist', 'bin.js'),
    "#!/usr/bin/env node\nimport { main } from './main.js';\n\nawait main(process.argv.slice(2));\n",
    { mode: 0o755 },
  );
  const { dependencies: _, private: __, ...published } = packageFile;
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  writeFileSync(join(folder, 'dist', 'THIRD-PARTY-LICENSES.txt'), licencesOf(metafile));
}

function licencesOf(metafile: Metafile): string {
  const folders = new Set(Object.keys(metafile.inputs).flatMap((input) => packageFolder(input) ?? []));
  return [...folders].toSorted().map(licenceOf).join('\n\n');
}

/** `node_modules/@oclif/core` of `node_modules/@oclif/core/lib/index.js`. */
function packageFolder(input: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

function licenceOf(folder: string): string {
  const root = resolve(CLI, '..', folder);
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const files = readdirSync(root).filter((file) => /^(licen[cs]e|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts].join('\n\n');
}

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('usage: bundle.ts FOLDER');
await writePackage(folder);
