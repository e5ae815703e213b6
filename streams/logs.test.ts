import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppLog } from './app-log.ts';
import { nowText, type Line } from './lines.ts';
import { createLogs } from './logs.ts';
import { openSegments } from './segments.ts';

const ROOT = mkdtempSync(join(tmpdir(), 'dcdget-logs-'));
const BIG = { totalBytes: 64 * 1024 * 1024, appBytes: 16 * 1024 * 1024 };
const all = () => true;
const none = new AbortController().signal;
let folders = 0;

function newFolder(): string {
  folders += 1;
  return join(ROOT, String(folders));
}

function openLogs(folder: string, budget = BIG) {
  return createLogs(openSegments(folder, budget));
}

function accept(log: AppLog, number: number, { run = 'run-0001', text = `line ${number}`, process = 'web.1' } = {}) {
  log.accept({ at: nowText(), source: 'app', process, text, run, number });
}

const texts = (lines: readonly Line[]) => lines.map(({ text }) => text);

suite('logs of apps', () => {
  after(() => rmSync(ROOT, { recursive: true }));

  test('a line that came twice is kept once, and what is missing between two is told as one line', async () => {
    const logs = openLogs(newFolder());
    const { log } = await logs.use('app-a');
    for (const number of [1, 2, 2, 1, 3, 7, 7, 8]) accept(log, number);
    assert.deepEqual(texts(await log.last(99, all)), [
      'line 1',
      'line 2',
      'line 3',
      '3 lines lost',
      'line 7',
      'line 8',
    ]);
    assert.equal((await log.last(99, all))[3]?.source, 'dcdget');
    await logs.close();
  });

  test('who asks for the last lines and follows sees each line once, also of an app that had none', async () => {
    const logs = openLogs(newFolder());
    const { log } = await logs.use('app-a');
    const cursor = log.follow(log.lastId());
    const last = log.last(99, all);
    accept(log, 1);
    await log.flush();
    assert.deepEqual([...texts(await last), ...texts(cursor.take(99).lines)], ['line 1']);
    await logs.close();
  });

  test('each start of a process has numbers of its own', async () => {
    const logs = openLogs(newFolder());
    const { log } = await logs.use('app-a');
    accept(log, 1, { run: 'run-0001', text: 'a' });
    accept(log, 1, { run: 'run-0002', text: 'b' });
    accept(log, 2, { run: 'run-0001', text: 'c' });
    assert.deepEqual(texts(await log.last(99, all)), ['a', 'b', 'c']);
    await logs.close();
  });

  test('ids grow, also over the end of the hub, and lines and numbers are there again', async () => {
    const folder = newFolder();
    const first = openLogs(folder);
    const { log } = await first.use('app-a');
    for (let number = 1; number <= 3000; number += 1) accept(log, number);
    const last = log.lastId();
    await first.close();
    const second = openLogs(folder);
    const { log: again } = await second.use('app-a');
    assert.equal(again.lastOf('run-0001'), 3000);
    accept(again, 3000);
    accept(again, 3001);
    const lines = await again.last(99_999, all);
    assert.equal(lines.length, 3001);
    assert.ok(lines.every(({ id }, index) => index === 0 || id > (lines[index - 1]?.id ?? 0)));
    assert.ok((lines.at(-1)?.id ?? 0) > last);
    await second.close();
  });

  test('a file that was cut in the middle of a line loses that line alone', async () => {
    const folder = newFolder();
    const first = openLogs(folder);
    const { log } = await first.use('app-a');
    for (const number of [1, 2, 3]) accept(log, number);
    await first.close();
    const [file = ''] = globSync(join(folder, 'app-a/*.log'));
    truncateSync(file, statSync(file).size - 3);
    const second = openLogs(folder);
    const { log: again } = await second.use('app-a');
    assert.deepEqual(texts(await again.last(99, all)), ['line 1', 'line 2']);
    assert.equal(again.lastOf('run-0001'), 2);
    accept(again, 3);
    await second.close();
    const third = openLogs(folder);
    assert.deepEqual(texts(await (await third.use('app-a')).log.last(99, all)), ['line 1', 'line 2', 'line 3']);
    await third.close();
  });

  test('the disk holds no more than its budget, and the newest lines are those that stay', async () => {
    const folder = newFolder();
    const budget = { totalBytes: 300_000, appBytes: 200_000 };
    const logs = openLogs(folder, budget);
    for (const app of ['app-a', 'app-b', 'app-c']) {
      const { log, release } = await logs.use(app);
      for (let number = 1; number <= 30; number += 1) {
        for (let row = 0; row < 100; row += 1) accept(log, (number - 1) * 100 + row + 1, { text: 'x'.repeat(100) });
        await log.flush();
      }
      release();
    }
    const bytes = globSync(join(folder, '*/*.log')).reduce((sum, file) => sum + statSync(file).size, 0);
    const most = budget.totalBytes + 3 * (budget.appBytes / 8 + 20_000);
    assert.ok(bytes > 100_000 && bytes < most, `${bytes} bytes of at most ${most}`);
    await logs.close();
  });

  test('a disk that takes nothing drops and counts, and the lines in memory are shown', async () => {
    const folder = newFolder();
    const logs = createLogs(openSegments(folder, BIG), { diskRetryMs: 0 });
    // Where the folder of the app would be.
    writeFileSync(join(folder, 'app-a'), '');
    const { log } = await logs.use('app-a');
    for (const number of [1, 2, 3]) accept(log, number);
    await log.flush();
    assert.deepEqual(texts(await log.last(99, all)), ['line 1', 'line 2', 'line 3']);
    rmSync(join(folder, 'app-a'));
    accept(log, 4);
    await log.flush();
    assert.deepEqual(texts(await log.last(99, all)).slice(-2), ['line 4', "3 lines lost on the log hub's disk"]);
    await logs.close();
  });

  test('a disk that is full drops and counts, readers go on, and it takes lines again once there is room', async (t) => {
    const folder = newFolder();
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', folder]);
    t.after(() => execFileSync('umount', ['--lazy', folder]));
    const ballast = join(folder, 'ballast.bin');
    writeFileSync(ballast, Buffer.alloc(1_500_000));
    const logs = createLogs(openSegments(folder, BIG), { diskRetryMs: 20 });
    const { log } = await logs.use('app-a');
    const cursor = log.follow(log.lastId());
    const send = async (first: number, last: number): Promise<Line[]> => {
      for (let number = first; number <= last; number += 1)
        accept(log, number, { text: `${number} `.padEnd(1000, 'x') });
      await log.flush();
      const { lines } = cursor.take(9999);
      assert.equal(
        lines.filter(({ source }) => source === 'app').length,
        last - first + 1,
        'a reader sees all of them',
      );
      return lines;
    };
    for (let round = 0; round < 20; round += 1) {
      await send(round * 50 + 1, round * 50 + 50);
      await sleep(25);
    }
    assert.ok(globSync(join(folder, 'app-a/*')).length < 5, 'each try leaves no file behind');
    rmSync(ballast);
    await sleep(25);
    const told = (await send(1001, 1100)).find(({ source }) => source === 'dcdget');
    const lost = Number(/^(\d+) lines lost on the log hub's disk$/.exec(told?.text ?? '')?.[1]);
    assert.ok(lost > 400 && lost < 800, told?.text);
    await logs.close();

    const again = createLogs(openSegments(folder, BIG));
    const numbers = (await (await again.use('app-a')).log.last(9999, ({ source }) => source === 'app')).map(
      ({ number }) => number,
    );
    assert.equal(numbers.length, 1100 - lost);
    assert.deepEqual(
      numbers.slice(-100),
      Array.from({ length: 100 }, (_, index) => 1001 + index),
    );
    assert.ok(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0)));
    await again.close();
  });

  test('a reader that is too slow skips what memory has lost, and knows how much', async () => {
    const logs = openLogs(newFolder());
    const { log } = await logs.use('app-a');
    accept(log, 1);
    const cursor = log.follow(log.lastId());
    for (let number = 2; number <= 200_001; number += 1) accept(log, number, { text: 'x'.repeat(50) });
    const { lines, skipped } = cursor.take(10);
    assert.equal(lines.length, 10);
    assert.ok(skipped > 100_000);
    let seen = skipped + lines.length;
    for (let batch = cursor.take(1000); batch.lines.length > 0; batch = cursor.take(1000)) {
      assert.equal(batch.skipped, 0);
      seen += batch.lines.length;
    }
    assert.equal(seen, 200_000);
    assert.equal(await cursor.more(5, none), false);
    await logs.close();
  });

  test('a reader that comes back gets what it missed from disk, or is told that it cannot', async () => {
    const logs = openLogs(newFolder());
    const { log } = await logs.use('app-a');
    accept(log, 1);
    const id = log.lastId();
    for (let number = 2; number <= 5000; number += 1) accept(log, number);
    log.shrink();
    const missed = await log.missed(id, all, 10_000);
    assert.deepEqual([missed.isWhole, missed.lines.length, missed.lines[0]?.text], [true, 4998, 'line 2']);
    assert.equal((await log.missed(id, all, 100)).isWhole, false);
    assert.equal((await log.missed(5, all, 10_000)).isWhole, false);
    await logs.close();
  });

  test('an app that is forgotten has no line in memory or on disk, and its log goes on', async () => {
    const folder = newFolder();
    const logs = openLogs(folder);
    const { log } = await logs.use('app-a');
    const cursor = log.follow(log.lastId());
    for (let number = 1; number <= 3000; number += 1) accept(log, number);
    log.shrink();
    accept(log, 3001);
    await log.clear();
    assert.deepEqual([await log.last(99, all), globSync(join(folder, '*/*'))], [[], []]);
    accept(log, 3002);
    await log.flush();
    assert.deepEqual(texts(await log.last(99, all)), ['line 3002']);
    assert.deepEqual(texts(cursor.take(9999).lines), ['line 3002']);
    await logs.close();
    const again = openLogs(folder);
    assert.deepEqual(texts(await (await again.use('app-a')).log.last(99, all)), ['line 3002']);
    await again.close();
  });

  test('a disk that refuses to forget an app is told of, and the log goes on', async () => {
    const segments = openSegments(newFolder(), BIG);
    const refused = new Error('EIO');
    const logs = createLogs({ ...segments, remove: () => Promise.reject(refused) });
    const { log } = await logs.use('app-a');
    accept(log, 1);
    await assert.rejects(log.clear(), refused);
    accept(log, 2);
    await log.flush();
    assert.match(await segments.read(segments.list('app-a').at(-1) ?? assert.fail()), /line 2/);
    await logs.close();
  });

  test('a log that nobody uses is closed after a while, and opened again as it was', async () => {
    const logs = openLogs(newFolder());
    const { log, release } = await logs.use('app-a');
    accept(log, 1);
    release();
    await logs.sweep(Date.now() + 3_600_000);
    const again = await logs.use('app-a');
    assert.notEqual(again.log, log);
    assert.deepEqual(texts(await again.log.last(9, all)), ['line 1']);
    await logs.close();
  });
});
