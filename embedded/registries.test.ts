import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registrySettings } from './registries.ts';

test('builds reach registries as this machine does: by its environment first, then by what its programs have set', async () => {
  const answers: Record<string, string> = {
    'npm config get registry': 'https://npm.example/\n',
    'go env GOPROXY': 'https://go.example,direct\n',
  };
  const environment = { npm_config_registry: 'https://nearer.example/', https_proxy: 'http://proxy.example:3128' };
  const settings = await registrySettings(environment, async (command) => answers[command] ?? '');
  assert.equal(
    settings,
    'npm_config_registry=https://nearer.example/\nGOPROXY=https://go.example,direct\nhttps_proxy=http://proxy.example:3128\n',
  );
});
