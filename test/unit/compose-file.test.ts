import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parse } from 'yaml';

type Service = {
  image: string;
  restart?: string;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[]; interval: string; timeout: string; retries: number };
};

const ROOT = join(import.meta.dirname, '../..');
const TEXT = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const FILE = parse(TEXT) as { services: Record<string, Service>; volumes: Record<string, unknown> };
const EXAMPLE = readFileSync(join(ROOT, '.env.example'), 'utf8');

suite('docker-compose.yml', () => {
  for (const [name, service] of Object.entries(FILE.services)) {
    test(`${name} runs an image of an exact version`, () => {
      assert.match(service.image, /^[a-z0-9/-]+:v?\d+(\.\d+)+$/);
    });

    test(`${name} comes back by itself and tells whether it is well, within a deadline`, () => {
      assert.equal(service.restart, 'unless-stopped');
      assert.equal(service.healthcheck?.test[0], 'CMD');
      assert.ok(service.healthcheck.interval && service.healthcheck.timeout && service.healthcheck.retries);
    });

    test(`${name} publishes its ports on loopback unless told otherwise`, () => {
      for (const port of service.ports ?? []) assert.match(port, /^(127\.0\.0\.1|\$\{\w+:-127\.0\.0\.1\}):\d+:\d+$/);
    });

    test(`${name} waits for the health of services that exist`, () => {
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        assert.ok(FILE.services[other]?.healthcheck, `${other} has no health check`);
        assert.equal(condition, 'service_healthy');
      }
    });

    test(`${name} mounts declared volumes, or files of this repository read-only`, () => {
      for (const [source = '', , mode] of (service.volumes ?? []).map((volume) => volume.split(':'))) {
        if (!source.startsWith('./')) assert.ok(source in FILE.volumes, `${source} is not declared`);
        else assert.ok(existsSync(join(ROOT, source)) && mode === 'ro', `${source} is missing or writable`);
      }
    });
  }

  test('no two services publish the same port', () => {
    const ports = Object.values(FILE.services).flatMap(({ ports = [] }) => ports.map((port) => port.split(':').at(-2)));
    assert.equal(new Set(ports).size, ports.length);
  });

  test('every declared volume is used', () => {
    const used = Object.values(FILE.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0]),
    );
    for (const volume of Object.keys(FILE.volumes)) assert.ok(used.includes(volume), `${volume} is not used`);
  });

  test('a secret has no default and refuses to be empty', () => {
    for (const line of TEXT.split('\n').filter((text) => /(PASSWORD|PWD|ACCESS_KEY\w*): /.test(text))) {
      assert.match(line, /: \$\{[A-Z0-9_]+:\?[^}]+\}$/);
    }
  });

  test('.env.example names exactly the variables that the file reads', () => {
    const read = [...TEXT.matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name]) => name);
    const named = [...EXAMPLE.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name);
    assert.deepEqual(new Set(named), new Set(read));
  });
});
