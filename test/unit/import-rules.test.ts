import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const LINT_TIMEOUT_MS = 60_000;

const IMPORTS = 'no-restricted-imports';
const ENVIRONMENT = 'no-process-env';
const PROMISES = 'no-misused-promises';
const SIDE_EFFECTS = 'no-import-type-side-effects';

/** What each folder may not bring in; every row is linted as a file of its own. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  domain: ['../store/x.ts', '../config/x.ts', 'node:fs', 'node:fs/promises', 'fs', 'mongodb', '@temporalio/common'],
  config: ['../store/x.ts', '../api/x.ts', 'mongodb'],
  ssh: ['../config/x.ts', '../store/x.ts', '../activities/x.ts', 'mongodb'],
  store: ['../objects/x.ts', '../ssh/x.ts', '../activities/x.ts', '@aws-sdk/client-s3', '@temporalio/client'],
  objects: ['../store/x.ts', '../ssh/x.ts', '../sources/x.ts', 'mongodb'],
  sources: ['../config/x.ts', '../store/x.ts', '../objects/x.ts', '../api/x.ts', '@aws-sdk/client-s3'],
  activities: [
    '../config/x.ts',
    '../ssh/x.ts',
    '../packman/x.ts',
    '../workflows/x.ts',
    '../api/x.ts',
    'node-ssh',
    '@temporalio/client',
  ],
  workflows: [
    '../activities/x.ts',
    '../store/x.ts',
    '../ssh/x.ts',
    '../config/x.ts',
    'node:fs',
    'node:fs/promises',
    'node:crypto',
    'fs',
    'mongodb',
    '@aws-sdk/client-s3',
    '@temporalio/client',
    '@temporalio/activity',
  ],
  'workflows/deep': ['../../activities/x.ts', '../../store/x.ts'],
  api: ['../ssh/x.ts', '../workflows/x.ts', '../activities/x.ts', '../workers/x.ts', 'mongodb', '@temporalio/worker'],
  'api/routes': ['../../ssh/x.ts', '../../workflows/x.ts', 'node-ssh', '@aws-sdk/client-s3'],
  packman: ['../store/x.ts', '../ssh/x.ts', '../activities/x.ts', 'mongodb'],
  streams: ['../store/x.ts', '../ssh/x.ts', '../api/x.ts'],
  workers: ['../api/x.ts', '../cli/x.ts', '../embedded/x.ts'],
  cli: ['../domain/x.ts', '../config/x.ts', '../store/x.ts', '../api/x.ts', 'mongodb', '@temporalio/client'],
  dashboard: ['../domain/x.ts', '../api/x.ts'],
};

const PERMITTED: Readonly<Record<string, readonly string[]>> = {
  domain: ['./x.ts'],
  config: ['../domain/x.ts', 'node:fs'],
  ssh: ['../domain/x.ts', 'node-ssh', 'node:crypto'],
  store: ['../domain/x.ts', '../config/x.ts', 'mongodb'],
  objects: ['../domain/x.ts', '../config/x.ts', '@aws-sdk/client-s3'],
  sources: ['../domain/x.ts', 'node:https', 'ignore'],
  activities: [
    '../store/x.ts',
    '../objects/x.ts',
    '../sources/x.ts',
    '../domain/x.ts',
    '@temporalio/activity',
    'node:crypto',
  ],
  workflows: ['../domain/x.ts', './x.ts', '@temporalio/workflow', '@temporalio/common'],
  api: [
    '../store/x.ts',
    '../objects/x.ts',
    '../sources/x.ts',
    '../domain/x.ts',
    '../config/x.ts',
    '../streams/x.ts',
    '@temporalio/client',
  ],
  packman: ['../domain/x.ts', '../config/x.ts', '../objects/x.ts', 'fastify'],
  streams: ['../domain/x.ts', '../config/x.ts', '../objects/x.ts'],
  workers: ['../store/x.ts', '../ssh/x.ts', '../activities/x.ts', '../workflows/x.ts', '@temporalio/worker'],
  embedded: ['../store/x.ts', '../api/x.ts', '../ssh/x.ts'],
  bench: ['../store/x.ts', '../workflows/x.ts', 'node-ssh'],
  cli: ['./x.ts', '@oclif/core', 'node:fs'],
};

/** Folders that may name another's types; the value import of the same is in FORBIDDEN. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  activities: ['../ssh/x.ts', '../packman/x.ts'],
  workflows: ['../activities/x.ts'],
  api: ['../workflows/x.ts'],
};

const ASYNC_VALIDATOR = `
import { defineUpdate, setHandler } from '@temporalio/workflow';
async function refuse(name: string): Promise<void> { await Promise.resolve(name); }
export function handle(): void {
  setHandler(defineUpdate<void, [string]>('rename'), () => {}, { validator: refuse });
}`;
const SYNC_VALIDATOR = ASYNC_VALIDATOR.replace('async ', '').replace(/Promise<void> \{.*\}/, 'void { name.trim(); }');

type Finding = { file: string; rule: string };

suite('the import rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-import-rules-'));
  const findings: Finding[] = [];

  before(() => {
    for (const name of ['.oxlintrc.json', 'tsconfig.json']) copyFileSync(join(ROOT, name), join(folder, name));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const [path, source] of snippets()) write(join(folder, path), source);
    findings.push(...lint(folder));
  });
  after(() => rmSync(folder, { recursive: true }));

  const rulesOf = (path: string) => findings.filter((finding) => finding.file === path).map(({ rule }) => rule);

  for (const [from, module] of pairs(FORBIDDEN)) {
    test(`${from} may not import ${module}`, () => {
      assert.deepEqual(rulesOf(snippetPath(from, 'forbidden', module)), [IMPORTS]);
    });
  }

  for (const [from, module] of pairs(PERMITTED)) {
    test(`${from} may import ${module}`, () => {
      assert.deepEqual(rulesOf(snippetPath(from, 'permitted', module)), []);
    });
  }

  for (const [from, module] of pairs(TYPES_ONLY)) {
    test(`${from} may import types of ${module}`, () => {
      assert.deepEqual(rulesOf(snippetPath(from, 'types', module)), []);
    });
    test(`${from} may not import ${module} by an import whose every name is a type, which Node still loads`, () => {
      assert.deepEqual(rulesOf(snippetPath(from, 'inline-types', module)), [SIDE_EFFECTS]);
    });
  }

  for (const from of ['api', 'workers', 'activities', 'store', 'sources', 'ssh', 'packman']) {
    test(`${from} may not read the environment`, () => {
      assert.deepEqual(rulesOf(`${from}/environment.ts`), [ENVIRONMENT]);
    });
  }

  for (const path of ['config/environment.ts', 'cli/environment.ts', 'packman/settings.ts']) {
    test(`${path} may read the environment`, () => {
      assert.deepEqual(rulesOf(path), []);
    });
  }

  test('an update of a workflow may not have an async validator', () => {
    assert.deepEqual(rulesOf('workflows/async-validator.ts'), [PROMISES]);
  });

  test('an update of a workflow may have a sync validator', () => {
    assert.deepEqual(rulesOf('workflows/sync-validator.ts'), []);
  });

  test('a test beside the code may import what the code may not', () => {
    assert.deepEqual(rulesOf('domain/beside.test.ts'), []);
  });
});

function* snippets(): Generator<[path: string, source: string]> {
  for (const [from, module] of pairs(FORBIDDEN)) yield [snippetPath(from, 'forbidden', module), importOf(module)];
  for (const [from, module] of pairs(PERMITTED)) yield [snippetPath(from, 'permitted', module), importOf(module)];
  for (const [from, module] of pairs(TYPES_ONLY)) {
    yield [snippetPath(from, 'types', module), `export type Named = X;\nimport type { X } from '${module}';\n`];
    yield [snippetPath(from, 'inline-types', module), `export type Named = X;\nimport { type X } from '${module}';\n`];
  }
  for (const from of ['api', 'workers', 'activities', 'store', 'sources', 'ssh', 'packman', 'config', 'cli']) {
    yield [`${from}/environment.ts`, `export const home = process.env['HOME'];\n`];
  }
  yield ['packman/settings.ts', `export const home = process.env['HOME'];\n`];
  yield ['workflows/async-validator.ts', ASYNC_VALIDATOR];
  yield ['workflows/sync-validator.ts', SYNC_VALIDATOR];
  yield ['domain/beside.test.ts', importOf('../store/x.ts')];
}

function* pairs(table: Readonly<Record<string, readonly string[]>>): Generator<[from: string, module: string]> {
  for (const [from, modules] of Object.entries(table)) for (const module of modules) yield [from, module];
}

function importOf(module: string): string {
  return `import * as bound from '${module}';\nexport const used = [bound];\n`;
}

function snippetPath(from: string, kind: string, module: string): string {
  return `${from}/${kind}-${module.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}.ts`;
}

function write(path: string, source: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, source);
}

function lint(folder: string): Finding[] {
  const run = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['--type-aware', '--format', 'json', '.'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: LINT_TIMEOUT_MS,
  });
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: { code: string; filename: string }[] };
  return diagnostics.map(({ code, filename }) => ({ file: filename, rule: /\((.+)\)/.exec(code)?.[1] ?? code }));
}
