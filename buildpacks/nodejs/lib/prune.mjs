// Takes out of node_modules what only development needs: what `npm prune --omit=dev` takes out, without the second that
// npm needs to think of it.
//
//   prune.mjs BUILD_DIR   exit status 3, and nothing has changed, when npm is to do it
//
// It is npm's turn unless node_modules is just what the lock file says, in folders and none of them behind a link, and no
// setting says what else to leave out; when that cannot be told, too.
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve, sep } from 'node:path';

const NOT_OURS = 3;
const LOCK_FILES = ['npm-shrinkwrap.json', 'package-lock.json'];
/** What npm wrote when it installed. */
const INSTALLED = 'node_modules/.package-lock.json';
const OTHER_SETTINGS =
  /^(omit|include|only|production|optional|dev|also|install[-_]strategy|global[-_]style|legacy[-_]bundling)\b/im;

const folder = resolve(process.argv[2] ?? '.');
const record = readRecord();
if (record === null) process.exit(NOT_OURS);
prune(Object.keys(record.packages).filter((path) => record.packages[path].dev));

/** What npm installed; null when it is npm's turn. Whatever goes wrong here, npm may know better. */
function readRecord() {
  try {
    const lockFile = LOCK_FILES.find((name) => existsSync(join(folder, name)));
    if (lockFile === undefined || !existsSync(join(folder, INSTALLED)) || hasOtherSettings()) return null;
    const found = readJson(INSTALLED);
    found.packages ??= {};
    return isAsLocked(found.packages, readJson(lockFile).packages ?? {}) ? found : null;
  } catch {
    return null;
  }
}

function readJson(name) {
  return JSON.parse(readFileSync(join(folder, name), 'utf8').replace(/^\uFEFF/, ''));
}

function hasOtherSettings() {
  const file = join(folder, '.npmrc');
  const names = Object.keys(process.env).flatMap((name) => /^npm_config_(.+)$/i.exec(name)?.[1] ?? []);
  const texts = existsSync(file) ? [...names, readFileSync(file, 'utf8')] : names;
  return texts.some((text) => OTHER_SETTINGS.test(text));
}

/** Whether npm installed what the lock file says, and nothing was put beside it or taken away since. */
function isAsLocked(installed, locked) {
  const isSame = ([path, { version, dev, link, extraneous }]) =>
    !link && !extraneous && locked[path]?.version === version && Boolean(locked[path].dev) === Boolean(dev);
  if (!Object.entries(installed).every(isSame)) return false;
  const found = packagesBelow('node_modules');
  return found.length === Object.keys(installed).length && found.every((path) => path in installed);
}

/** As npm finds them: whatever has no dot at the beginning of its name. Throws when any of it is no folder, but a link say. */
function packagesBelow(modules) {
  const entries = entriesOf(modules);
  if (entries.includes(`${modules}/.bin`)) assertFolder(`${modules}/.bin`);
  const shown = entries.filter((path) => !path.startsWith(`${modules}/.`));
  const paths = shown.flatMap((path) => (path.startsWith(`${modules}/@`) ? entriesOf(path) : [path]));
  return paths.flatMap((path) => {
    assertFolder(path);
    const inner = `${path}/node_modules`;
    const isThere = lstatSync(join(folder, inner), { throwIfNoEntry: false }) !== undefined;
    return [path, ...(isThere ? packagesBelow(inner) : [])];
  });
}

function entriesOf(path) {
  assertFolder(path);
  return readdirSync(join(folder, path)).map((name) => `${path}/${name}`);
}

function assertFolder(path) {
  if (!lstatSync(join(folder, path)).isDirectory()) throw new Error(`${path} is no folder`);
}

function prune(paths) {
  const gone = paths.map((path) => join(folder, path) + sep);
  for (const path of paths) rmSync(join(folder, path), { recursive: true, force: true });
  const places = new Set(paths.map((path) => path.slice(0, path.lastIndexOf('node_modules/') + 'node_modules'.length)));
  for (const place of places) dropLinks(join(folder, place, '.bin'), gone);
  for (const path of paths) delete record.packages[path];
  writeFileSync(join(folder, INSTALLED), `${JSON.stringify(record, null, 2)}\n`);
}

/** Programs of what is gone. */
function dropLinks(bin, gone) {
  if (!existsSync(bin)) return;
  for (const { name } of readdirSync(bin, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())) {
    const target = resolve(bin, readlinkSync(join(bin, name))) + sep;
    if (gone.some((path) => target.startsWith(path))) unlinkSync(join(bin, name));
  }
}
