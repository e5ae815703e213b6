import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAppJson } from './app-json.ts';
import { DcdgetError } from './errors.ts';

const read = (content: unknown) => parseAppJson(JSON.stringify(content));
const failsWith = (content: unknown, sentence: string) =>
  assert.throws(
    () => (typeof content === 'string' ? parseAppJson(content) : read(content)),
    (error) => error instanceof DcdgetError && error.code === 'build_failed' && error.message.startsWith(sentence),
    sentence,
  );

test('app.json gives a process type its checks, its times and its way of rotation', () => {
  const check = {
    name: 'web check',
    path: '/health?deep=1',
    port: 8080,
    content: 'ready – ok',
    uptime: 10,
    timeout: 7,
    attempts: 4,
    wait: 2,
    initialDelay: 1,
  };
  const formation = { drainSeconds: 30, stopSeconds: 10, rotation: 'stop-first' };
  assert.deepEqual(read({ healthchecks: { web: [{ type: 'startup', ...check }] }, formation: { web: formation } }), {
    settings: { web: { healthchecks: [check], ...formation } },
    notes: [],
  });
});

test("a check that says nothing has Dokku's defaults, and a type that says nothing has none of its own", () => {
  const { settings, notes } = read({
    healthchecks: { web: [{ type: 'startup', listening: true }, { path: null }], worker: [] },
    formation: { worker: { quantity: 1, size: 'standard-1x' }, clock: { stopSeconds: 3 } },
  });
  const unsaid = { path: null, port: null, content: null, uptime: null };
  const defaults = { ...unsaid, timeout: 5, attempts: 3, wait: 5, initialDelay: 0 };
  const others = { drainSeconds: null, stopSeconds: null, rotation: 'start-first' };
  const healthchecks = [
    { name: 'check 1', ...defaults },
    { name: 'check 2', ...defaults },
  ];
  assert.deepEqual(settings, {
    web: { healthchecks, ...others },
    clock: { healthchecks: [], ...others, stopSeconds: 3 },
  });
  assert.deepEqual(notes, []);
});

test('an app.json about other things says nothing about processes', () => {
  assert.deepEqual(read({ name: 'x', env: { A: { required: true } }, buildpacks: [{ url: 'heroku/nodejs' }] }), {
    settings: {},
    notes: [],
  });
  assert.deepEqual(parseAppJson('\uFEFF{"healthchecks": null}'), { settings: {}, notes: [] });
});

test('a process type may be called like something that every object has', () => {
  const { settings } = read({ healthchecks: { constructor: [{ uptime: 5 }] } });
  assert.deepEqual(Object.keys(settings), ['constructor']);
  assert.deepEqual(settings['constructor']?.healthchecks[0]?.uptime, 5);
});

test('what is read but not used is told', () => {
  const { settings, notes } = read({
    healthchecks: { web: [{ type: 'liveness', path: '/' }, { type: 'readiness' }, { command: ['x'], 'a\u001b': 1 }] },
  });
  assert.equal(settings['web']?.healthchecks.length, 1);
  assert.deepEqual(notes, [
    'app.json: healthchecks.web[0] is not used: of the checks only those of type startup are run',
    'app.json: healthchecks.web[1] is not used: of the checks only those of type startup are run',
    'app.json: healthchecks.web[2].command is not used',
    'app.json: healthchecks.web[2]."a " is not used',
  ]);
});

const web = (check: unknown) => ({ healthchecks: { web: [check] } });
const AT = 'app.json: healthchecks.web[0]';
for (const [content, sentence] of [
  ['{', 'app.json is not JSON: '],
  ['[]', 'app.json must be an object'],
  [{ healthchecks: [] }, 'app.json: healthchecks must be an object'],
  [{ healthchecks: { '../web': [] } }, 'app.json: healthchecks names a process type that is not lowercase'],
  [{ healthchecks: { web: {} } }, 'app.json: healthchecks.web must be a list of checks'],
  [{ healthchecks: { web: ['/'] } }, `${AT} must be an object`],
  [web({ type: 'boot' }), `${AT}.type must be startup or readiness or liveness`],
  [web({ timeout: 301 }), `${AT}.timeout must be a whole number from 1 to 300`],
  [web({ timeout: '5' }), `${AT}.timeout must be a whole number from 1 to 300`],
  [web({ timeout: 0.5 }), `${AT}.timeout must be a whole number from 1 to 300`],
  [web({ attempts: 0 }), `${AT}.attempts must be a whole number from 1 to 100`],
  [web({ wait: -1 }), `${AT}.wait must be a whole number from 0 to 300`],
  [web({ port: 70_000 }), `${AT}.port must be a whole number from 1 to 65535`],
  [web({ uptime: 1e9 }), `${AT}.uptime must be a whole number from 1 to 600`],
  [web({ initialDelay: [] }), `${AT}.initialDelay must be a whole number from 0 to 600`],
  [web({ path: 'health' }), `${AT}.path must be the path of a URL`],
  [web({ path: '/a b' }), `${AT}.path must be the path of a URL`],
  [web({ path: '/\r\nHost: x' }), `${AT}.path must be the path of a URL`],
  [web({ path: `/$(id)\`` }), `${AT}.path must be the path of a URL`],
  [web({ name: 'a;\u001b[2J' }), `${AT}.name must be up to 64 letters`],
  [web({ content: 'two\nlines' }), `${AT}.content must be one line`],
  [web({ content: 'x'.repeat(1025) }), `${AT}.content must be one line`],
  [{ healthchecks: { web: Array(6).fill({}) } }, 'app.json: healthchecks.web may have at most 5 checks'],
  [web({ attempts: 10, timeout: 90, wait: 1 }), 'app.json: healthchecks.web may take 909 seconds'],
  [{ formation: { web: 1 } }, 'app.json: formation.web must be an object'],
  [{ formation: { web: { drainSeconds: 901 } } }, 'app.json: formation.web.drainSeconds must be a whole number'],
  [{ formation: { web: { stopSeconds: 0 } } }, 'app.json: formation.web.stopSeconds must be a whole number'],
  [{ formation: { web: { rotation: 'both' } } }, 'app.json: formation.web.rotation must be start-first or stop-first'],
  [
    { healthchecks: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`p${n}`, []])) },
    'app.json names more than 50 process types',
  ],
] as const) {
  test(`app.json with ${JSON.stringify(content).slice(0, 80)} is refused: ${sentence}`, () =>
    failsWith(content, sentence));
}
