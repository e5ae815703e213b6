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
  'resolutions',
  'dependenciesMeta',
  'packageManager',
  'pnpm',
];
/** Each of them names the package manager that writes it. */
const LOCK_FILES = {
  'npm-shrinkwrap.json': 'npm',
  'package-lock.json': 'npm',
  'yarn.lock': 'yarn',
  'pnpm-lock.yaml': 'pnpm',
};
/** They say how packages are installed, beside package.json and the lock file. */
const SETTINGS_FILES = ['.npmrc', '.yarnrc', '.yarnrc.yml', 'pnpm-workspace.yaml'];

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

/** The lock file, and the package manager that wrote it. */
function readLock(folder) {
  const found = Object.keys(LOCK_FILES).filter((file) => existsSync(join(folder, file)));
  const managers = new Set(found.map((file) => LOCK_FILES[file]));
  if (managers.size > 1) fail(`There is more than one lock file: ${found.join(', ')}. Keep the one you install with.`);
  const [name] = found;
  if (name === undefined) return undefined;
  const text = readFileSync(join(folder, name), 'utf8');
  const manager = LOCK_FILES[name];
  return { name, manager, text, content: manager === 'npm' ? readJson(join(folder, name), name) : {} };
}

/** Which version of the package manager to fetch: an exact one, or a range. */
function managerVersion(app, lock, semver) {
  if (!lock || lock.manager === 'npm') return '';
  const [, name, version] = /^([a-z]+)@(\d+\.\d+\.\d+[\w.-]*)/.exec(app.packageManager ?? '') ?? [];
  if (name !== undefined && name !== lock.manager) {
    fail(`"packageManager" in package.json is "${app.packageManager}", but the lock file is ${lock.name}.`);
  }
  const wanted = rangeOf(app, lock.manager, semver);
  if (version !== undefined) return version;
  if (wanted.wanted !== '') return wanted.range;
  if (lock.manager === 'pnpm') return '10';
  return isClassic(lock) ? '1' : '4';
}

function isClassic(lock) {
  return lock.text.includes('# yarn lockfile v1');
}

/** Whether node_modules is links into the app itself, or to what is outside of it. */
function hasLinks(app, lock) {
  if (app.workspaces !== undefined) return true;
  const packages = Object.values(lock?.content.packages ?? {});
  if (packages.some((entry) => entry.link)) return true;
  return (
    lock !== undefined && lock.manager !== 'npm' && /\b(?:link|portal|workspace|file):(?!\.["'\n])/.test(lock.text)
  );
}

function hasDevelopmentPackages(app, lock) {
  if (lock?.manager !== 'npm') return !lock || Object.keys(app.devDependencies ?? {}).length > 0;
  return Object.values(lock.content.packages ?? {}).some((entry) => entry.dev || entry.devOptional);
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
  const scripts = Object.keys(app.scripts ?? {}).filter((name) => typeof app.scripts[name] === 'string');
  const node = rangeOf(app, 'node', semver);
  rangeOf(app, 'npm', semver);
  return {
    node_wanted: node.wanted,
    node_range: node.range,
    node_own_version: process.versions.node,
    node_own_satisfies: semver.satisfies(process.versions.node, node.range) ? 'yes' : '',
    npm_node_range: npm.engines.node,
    npm_version: npm.version,
    lock: lock?.name ?? '',
    manager: lock?.manager ?? 'npm',
    manager_version: managerVersion(app, lock, semver),
    is_classic_yarn: lock?.manager === 'yarn' && isClassic(lock) ? 'yes' : '',
    has_links: hasLinks(app, lock) ? 'yes' : '',
    has_development_packages: hasDevelopmentPackages(app, lock) ? 'yes' : '',
    scripts: ` ${scripts.filter((name) => /^[\w:-]+$/.test(name)).join(' ')} `,
  };
}

function installKey(folder) {
  const app = readPackage(folder);
  const lock = readLock(folder);
  const hash = createHash('sha256');
  hash.update(JSON.stringify(DEPENDENCY_FIELDS.map((field) => app[field] ?? null)));
  hash.update(lock?.manager === 'npm' ? JSON.stringify(lock.content) : (lock?.text ?? ''));
  for (const name of SETTINGS_FILES.filter((file) => existsSync(join(folder, file)))) {
    hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  }
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
