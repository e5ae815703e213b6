import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startBuildpackServer } from '../rig/buildpack-server.ts';
import type { CodeHost } from '../rig/code-host.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample, type SourceTree } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'assembled';

let rig: Rig;
let elsewhere: CodeHost;
let source: SourceTree;

/** Leaves a tool for the buildpacks after it, counts its runs in its cache and tells which config vars it sees. */
const TOOL = {
  'bin/detect': '#!/bin/sh\necho Tool\n',
  'bin/compile': `#!/bin/sh
set -e
echo "stack $STACK"
n=$(cat "$2/runs" 2>/dev/null || echo 0)
echo $((n + 1)) >"$2/runs"
echo "run $((n + 1)) of its cache, which holds: $(ls "$2" | tr '\\n' ' ')"
echo "config: $(ls "$3" | tr '\\n' ' ')"
mkdir -p "$1/.profile.d" "$1/tool"
echo "export GREETING_OF_TOOL='from .profile.d'" >"$1/.profile.d/tool.sh"
echo 'export TOOL_VERSION=7' >"$(dirname "$0")/../export"
`,
  'bin/release':
    '#!/bin/sh\nprintf "config_vars:\\n  FROM_TOOL: early\\n  BOTH: early\\ndefault_process_types:\\n  web: false\\n"\n',
};
const LAST = {
  'bin/detect': '#!/bin/sh\n[ -f "$1/package.json" ] && echo Last\n',
  'bin/compile': `#!/bin/sh
echo "tool version $TOOL_VERSION"
echo "its cache holds: $(ls "$2" | tr '\\n' ' ')"
[ -d "$1/.heroku/node" ]
`,
  'bin/release':
    '#!/bin/sh\nprintf "config_vars:\\n  BOTH: late\\ndefault_process_types:\\n  web: node server.js\\n"\n',
};
const SERVER = `const { GREETING_OF_TOOL, FROM_TOOL, BOTH } = process.env;
require('node:http')
  .createServer((request, response) => response.end([GREETING_OF_TOOL, FROM_TOOL, BOTH].join(', ')))
  .listen(process.env.PORT);
`;

before(async () => {
  rig = await useRig('buildpacks');
  elsewhere = await startBuildpackServer(rig);
  await dcdgetJson(rig, 'apps:create', APP);
  source = copyExample('hello-node');
  source.write('package.json', JSON.stringify({ name: 'assembled', engines: { node: '>=20' } }));
  source.write('package-lock.json', JSON.stringify({ name: 'assembled', lockfileVersion: 3, packages: {} }));
  source.write('server.js', SERVER);
  source.drop('Procfile');
});
after(async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  source?.remove();
  await elsewhere?.stop();
  await rig.stop();
});

const deploy = async (): Promise<string> => {
  const { exitCode, stdout, stderr } = await dcdget(rig, 'deploy', source.folder, '--app', APP);
  assert.equal(exitCode, 0, stdout + stderr);
  return stdout;
};

test('buildpacks of a repository, of our own and of an archive compile one app, one after the other', async () => {
  const commit = await elsewhere.commit('tool', TOOL);
  await elsewhere.commit('last', LAST);
  await elsewhere.pack('last');
  await dcdgetJson(rig, 'buildpacks:set', `${elsewhere.url}/tool`, '--app', APP);
  await dcdgetJson(rig, 'buildpacks:add', 'nodejs', '--app', APP);
  await dcdgetJson(rig, 'buildpacks:add', `${elsewhere.url}/last.tgz`, '--app', APP);
  await dcdgetJson(rig, 'config:set', 'PRODUCTION_SECRET=x', '--app', APP);
  await dcdgetJson(rig, 'config:set', '--build', 'NPM_TOKEN=x', '--app', APP);
  const log = await deploy();
  assert.match(log, new RegExp(`commit ${commit}`));
  assert.match(log, /sha256 [0-9a-f]{64}/);
  assert.match(log, /stack heroku-22/);
  assert.match(log, /run 1 of its cache, which holds: runs\n/);
  assert.match(log, /config: NPM_TOKEN\n/, 'builds are given what they are to be given, nothing else');
  assert.match(log, /tool version 7/);
  assert.match(log, /its cache holds:\n/, 'each has a cache of its own');
  const { body } = await visit(rig, APP);
  assert.equal(body, 'from .profile.d, early, late');
});

test('the same source and the same buildpacks are not compiled again', async () => {
  const log = await deploy();
  assert.match(log, /compiled with these buildpacks before/);
  assert.match(log, /– +3 compileSlug +skipped +the same source was compiled before/);
});

test('a new commit of a buildpack, another value of a config var of builds, and a purge each compile again', async () => {
  await elsewhere.commit('tool', { 'bin/detect': '#!/bin/sh\necho Newer tool\n' });
  const newer = await deploy();
  assert.match(newer, /Newer tool app detected/);
  assert.match(newer, /run 2 of its cache/);
  await dcdgetJson(rig, 'config:set', 'NPM_TOKEN=y', '--app', APP);
  assert.match(await deploy(), /run 3 of its cache/);
  await dcdgetJson(rig, 'config:set', 'PRODUCTION_SECRET=y', '--app', APP);
  assert.match(await deploy(), /compiled with these buildpacks before/);
  await dcdgetJson(rig, 'builds:cache:purge', '--app', APP);
  assert.match(await deploy(), /run 1 of its cache/);
});

test('a buildpack that cannot be had fails the build with its name', async () => {
  await dcdgetJson(rig, 'buildpacks:set', `${elsewhere.url}/tool#no-such-branch`, '--app', APP);
  const { exitCode, stderr } = await dcdget(rig, 'deploy', source.folder, '--app', APP);
  assert.equal(exitCode, 1);
  assert.match(stderr, /tool#no-such-branch could not be fetched/);
});

/** Tells what the buildpacks before it export. */
const TELLER = {
  'bin/detect': '#!/bin/sh\necho Teller\n',
  'bin/compile': `#!/bin/sh
echo "its PATH is $PATH"
echo "its bundle is $BUNDLE_PATH"
echo "it finds $(command -v serve) and $(command -v greeter)"
exit 3
`,
};

test('what our own buildpacks bring is found by those after them, each before what came earlier', async () => {
  const several = copyExample('hello-ruby');
  several.write('index.html', '<p>hello</p>');
  mkdirSync(join(several.folder, 'bin'));
  several.write('bin/greeter', '#!/bin/sh\n');
  chmodSync(join(several.folder, 'bin/greeter'), 0o755);
  await elsewhere.commit('teller', TELLER);
  await dcdgetJson(rig, 'buildpacks:clear', '--app', APP);
  for (const next of ['ruby', 'static', 'procfile', `${elsewhere.url}/teller`])
    await dcdgetJson(rig, 'buildpacks:add', next, '--app', APP);
  // The teller fails, and with it the deploy: what is to be seen is in the log by then.
  const { exitCode, stdout, stderr } = await dcdget(rig, 'deploy', several.folder, '--app', APP);
  several.remove();
  assert.equal(exitCode, 1, stdout + stderr);
  assert.match(stdout, /its PATH is \/app\/bin:\/app\/\.heroku\/static:\/app\/bin:\/app\/vendor\/bundle\/bin:/);
  assert.match(stdout, /its bundle is \/app\/vendor\/bundle\n/);
  assert.match(stdout, /it finds \/app\/\.heroku\/static\/serve and \/app\/bin\/greeter\n/);
});
