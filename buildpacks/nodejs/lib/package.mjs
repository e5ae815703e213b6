// Reads an app's package.json for the shell.
//
//   package.mjs facts BUILD_DIR NPM_DIR   KEY=value entries, each closed by a NUL
//   package.mjs starts BUILD_DIR          exit status 0 when `npm start` does something
//   package.mjs key BUILD_DIR             a hash of what decides on the content of node_modules
//
// What is wrong with package.json is told on standard error, exit status 1.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const DEPENDENCY_FIELDS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bundleDependencies',
  'bundledDependencies',
  'overrides',
  'workspaces',
  'allowScripts',
];

function fail(...sentences) {
  for (const sentence of sentences) console.error(` !     ${sentence}`);
  process.exit(1);
}

function readJson(file, name) {
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch (error) {
    return fail(`${name} is not valid JSON: ${error.message}`);
  }
}

function readPackage(folder) {
  const app = readJson(join(folder, 'package.json'), 'package.json');
  if (app === null || typeof app !== 'object' || Array.isArray(app)) fail('package.json is not a JSON object.');
  for (const field of ['scripts', 'engines', 'dependencies', 'devDependencies']) {
    const value = app[field] ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) fail(`"${field}" in package.json is not an object.`);
  }
  return app;
}

function readLock(folder) {
  const name = ['npm-shrinkwrap.json', 'package-lock.json'].find((file) => existsSync(join(folder, file)));
  return name && { name, content: readJson(join(folder, name), name) };
}

function rangeOf(app, engine, semver) {
  const wanted = app.engines?.[engine] ?? '';
  if (typeof wanted !== 'string') fail(`"engines.${engine}" in package.json is not a string.`);
  const range = semver.validRange(wanted);
  if (range === null) fail(`"engines.${engine}" in package.json is "${wanted}", which is not a range of versions.`);
  return { wanted, range };
}

function facts(folder, npmFolder) {
  const semver = createRequire(join(npmFolder, 'package.json'))('semver');
  const npm = readJson(join(npmFolder, 'package.json'), 'npm');
  const app = readPackage(folder);
  const lock = readLock(folder);
  const packages = Object.values(lock?.content.packages ?? {});
  const scripts = Object.keys(app.scripts ?? {}).filter((name) => typeof app.scripts[name] === 'string');
  const node = rangeOf(app, 'node', semver);
  rangeOf(app, 'npm', semver);
  return {
    node_wanted: node.wanted,
    node_range: node.range,
    node_own_satisfies: semver.satisfies(process.versions.node, node.range) ? 'yes' : '',
    npm_node_range: npm.engines.node,
    npm_version: npm.version,
    lock: lock?.name ?? '',
    has_links: packages.some((entry) => entry.link) ? 'yes' : '',
    has_development_packages: !lock || packages.some((entry) => entry.dev || entry.devOptional) ? 'yes' : '',
    scripts: ` ${scripts.filter((name) => /^[\w:-]+$/.test(name)).join(' ')} `,
  };
}

function installKey(folder) {
  const app = readPackage(folder);
  const lock = readLock(folder);
  const hash = createHash('sha256');
  hash.update(JSON.stringify(DEPENDENCY_FIELDS.map((field) => app[field] ?? null)));
  hash.update(JSON.stringify(lock?.content ?? null));
  if (existsSync(join(folder, '.npmrc'))) hash.update(readFileSync(join(folder, '.npmrc')));
  return hash.digest('hex');
}

const [what, folder, npmFolder] = process.argv.slice(2);
if (what === 'facts') {
  const entries = Object.entries(facts(folder, npmFolder));
  process.stdout.write(entries.map(([key, value]) => `${key}=${value}\0`).join(''));
} else if (what === 'starts') {
  const app = readPackage(folder);
  process.exit(app.scripts?.start || existsSync(join(folder, 'server.js')) ? 0 : 1);
} else if (what === 'key') {
  process.stdout.write(installKey(folder));
} else {
  fail(`package.mjs does not know ${what}.`);
}
