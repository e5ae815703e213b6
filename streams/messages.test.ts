import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { numberOf, readHello, readMessage } from './messages.ts';

const HEAD = '<14>1 2026-11-23T03:44:26.961000Z hello app web.1 7';

suite('messages', () => {
  test('a line has its time, source, process, number and text', () => {
    const message = readMessage(`${HEAD} - a  text ] with " all`);
    assert.equal(message.at, '2026-11-23T03:44:26.961000+00:00');
    assert.deepEqual([message.source, message.process, numberOf(message)], ['app', 'web.1', 7]);
    assert.equal(message.text, 'a  text ] with " all');
  });

  test('structured data may hold what would end it, quoted', () => {
    const message = readMessage(`${HEAD} [a b="x ] y" c="\\"]"][d e="f"] text`);
    assert.equal(message.data, '[a b="x ] y" c="\\"]"][d e="f"]');
    assert.equal(message.text, 'text');
  });

  test('a line break inside a line forges no other line', () => {
    assert.equal(readMessage(`${HEAD} - a\nid: 1\r\ndata: forged\r`).text, 'a id: 1 data: forged');
  });

  test('a clock that cannot be read is replaced by that of the hub', () => {
    const { at } = readMessage(HEAD.replace(/2026-\S+/, 'yesterday') + ' - x');
    assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
  });

  for (const wrong of ['', 'x', '14>1 a b app c 1 - x', HEAD.replace('app', 'sshd') + ' - x', `${HEAD} [open`]) {
    test(`${JSON.stringify(wrong)} is no message`, () => {
      assert.throws(() => readMessage(wrong), { code: 'bad_request' });
    });
  }

  for (const id of ['0', '-1', '1.5', 'x', '', '1e9']) {
    test(`${JSON.stringify(id)} is no number of a line`, () => {
      const message = { ...readMessage(`${HEAD} - x`), id };
      assert.throws(() => numberOf(message), { code: 'bad_request' });
    });
  }

  const hello = (data: string) => readHello(readMessage(`<14>1 - - dcdget - hello [dcdget@0 ${data}] `));

  test('a hello names the instance, from which app and process are taken', () => {
    const sender = hello('instance="my-app.web_a.12.v3.40" run="0123456789abcdef" token="t"');
    assert.deepEqual(sender, {
      kind: 'instance',
      id: 'my-app.web_a.12.v3.40',
      app: 'my-app',
      process: 'web_a.12',
      run: '0123456789abcdef',
      token: 't',
    });
  });

  test('a hello may be that of a server', () => {
    assert.equal(hello('server="s-1" run="0123456789abcdef" token="t"').kind, 'server');
  });

  for (const wrong of [
    'instance="../etc.web.1.v1.1" run="0123456789abcdef" token="t"',
    'instance="app.web.v1.1" run="0123456789abcdef" token="t"',
    'instance="my-app.web.1.v1.1" run="short" token="t"',
    'run="0123456789abcdef" token="t"',
    'server="a b" run="0123456789abcdef" token="t"',
  ]) {
    test(`a hello with ${wrong} is refused`, () => {
      assert.throws(() => hello(wrong), { code: 'bad_request' });
    });
  }
});
