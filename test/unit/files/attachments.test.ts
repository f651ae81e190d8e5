import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import type { InboundAttachment } from '../../../src/channels/adapter.js';
import { type AttachmentLimits, createAttachmentStore } from '../../../src/files/attachments.js';
import { createFakeClock } from '../../fakes/clock.js';

function setup(limits: Partial<AttachmentLimits> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'wharfie-attachments-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const clock = createFakeClock();
  return { dir, clock, store: createAttachmentStore({ clock, limits }) };
}

function attachment(name: string, data: Buffer | string | Readable, size: number | null = null) {
  const opened = { times: 0 };
  const given: InboundAttachment = {
    ...{ name, mimeType: 'text/plain', size },
    async open() {
      opened.times += 1;
      return data instanceof Readable ? data : Readable.from([Buffer.from(data)]);
    },
  };
  return { given, opened };
}

const onDisk = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true }).filter((e) => e.isFile());

test('keeps files under safe names and tells the agent the real ones', async () => {
  const { dir, store } = setup();
  const large = Buffer.alloc(3_000_000, 'ab');
  const files = [attachment('Fotos/été 2026.JPG', large), attachment('../../etc/passwd', 'x')];
  const saved = await store.save(
    dir,
    'in_1',
    files.map((file) => file.given),
  );
  expect(saved).toEqual({
    stored: [
      {
        ...{ name: 'Fotos/été 2026.JPG', type: 'text/plain', size: 3_000_000 },
        path: '/workspace/in/files/in_1/1-été_2026.JPG',
      },
      {
        ...{ name: '../../etc/passwd', type: 'text/plain', size: 1 },
        path: '/workspace/in/files/in_1/2-passwd',
      },
    ],
    problems: [],
  });
  expect(readFileSync(join(dir, 'in_1', '1-été_2026.JPG')).equals(large)).toBe(true);
  expect(statSync(join(dir, 'in_1', '2-passwd')).mode & 0o777).toBe(0o644);
  expect(onDisk(dir)).toHaveLength(2);
});

test('a message without files makes no folder', async () => {
  const { dir, store } = setup();
  expect(await store.save(dir, 'in_1', [])).toEqual({ stored: [], problems: [] });
  expect(readdirSync(dir)).toEqual([]);
});

test('a second session gets a copy; the platform is asked once', async () => {
  const { dir, store } = setup();
  const [a, b] = ['a', 'b'].map((name) => join(dir, name));
  const { given, opened } = attachment('note.txt', 'hello');
  const failing = attachment('bad.txt', 'xx', 10 ** 9);
  const first = await store.save(a ?? '', 'in_1', [given, failing.given]);
  const second = await store.save(b ?? '', 'in_2', [given, failing.given]);
  expect(second.stored[0]).toMatchObject({ path: '/workspace/in/files/in_2/1-note.txt', size: 5 });
  expect(second.problems).toEqual(first.problems);
  expect(readFileSync(join(b ?? '', 'in_2', '1-note.txt'), 'utf8')).toBe('hello');
  expect(statSync(join(b ?? '', 'in_2', '1-note.txt')).nlink).toBe(1);
  expect([opened.times, failing.opened.times]).toEqual([1, 0]);
});

test('the same message again writes the same files again', async () => {
  const { dir, store } = setup();
  await store.save(dir, 'in_1', [attachment('note.txt', 'half').given]);
  await store.save(dir, 'in_1', [attachment('note.txt', 'whole').given]);
  expect(onDisk(dir).map((entry) => entry.name)).toEqual(['1-note.txt']);
  expect(readFileSync(join(dir, 'in_1', '1-note.txt'), 'utf8')).toBe('whole');
});

test('bounds hold against what the platform announced and what it sends; the rest is kept', async () => {
  const { dir, store } = setup({ maxBytes: 2 ** 20, maxTotalBytes: 1.5 * 2 ** 20, maxFiles: 4 });
  const mib = Buffer.alloc(2 ** 20);
  const liar = attachment('liar.bin', Readable.from([mib, mib]), 10);
  const honest = attachment('honest.bin', mib, 2 ** 21);
  const files = [
    liar,
    honest,
    attachment('fits.bin', mib),
    attachment('too.bin', mib),
    attachment('e', ''),
    attachment('f', ''),
  ];
  const { stored, problems } = await store.save(
    dir,
    'in_1',
    files.map((file) => file.given),
  );
  expect(stored.map((file) => file.name)).toEqual(['fits.bin']);
  expect(problems).toEqual([
    'liar.bin was not taken along: it is larger than 1 MiB.',
    'honest.bin was not taken along: it is larger than 1 MiB.',
    'too.bin was not taken along: the files of one message are larger than 1 MiB together.',
    '2 more files were not taken along: at most 4.',
  ]);
  expect(honest.opened.times).toBe(0);
  expect(onDisk(dir).map((entry) => entry.name)).toEqual(['3-fits.bin']);
});

const unopened: InboundAttachment = {
  name: 'f',
  mimeType: 'x',
  size: null,
  open: () => new Promise(() => {}),
};
const late = 'f was not taken along: it took too long to arrive.';
const broken = 'f was not taken along: the platform did not hand it over.';

test.each<[string, () => InboundAttachment, string]>([
  ['never opens', () => unopened, late],
  ['never ends', () => attachment('f', new PassThrough().resume()).given, late],
  ['is refused', () => ({ ...unopened, open: () => Promise.reject(new Error('secret')) }), broken],
  [
    'broke before it was read',
    () => attachment('f', new PassThrough().on('error', () => {}).destroy(new Error('secret'))).given,
    broken,
  ],
  ['breaks', () => attachment('f', breaking()).given, broken],
])('a stream that %s becomes a sentence without the platform’s words', async (_how, make, problem) => {
  const { dir, store, clock } = setup({ timeoutMs: 5000 });
  const saving = store.save(dir, 'in_1', [make()]);
  let done = false;
  void saving.then(() => {
    done = true;
  });
  while (clock.pending() === 0 && !done) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(problem === late ? 5000 : 0);
  expect(await saving).toEqual({ stored: [], problems: [problem] });
  expect(onDisk(dir)).toEqual([]);
});

function breaking(): Readable {
  return Readable.from(
    (async function* () {
      yield Buffer.from('half');
      throw Object.assign(new Error('secret'), { code: 'ECONNRESET' });
    })(),
  );
}

test('a stream that opens too late is closed', async () => {
  const { dir, store, clock } = setup({ timeoutMs: 5000 });
  const source = new PassThrough();
  let arrive = (_source: Readable) => {};
  const open = () => new Promise<Readable>((resolve) => (arrive = resolve));
  const saving = store.save(dir, 'in_1', [{ ...unopened, open }]);
  while (clock.pending() === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(5000);
  expect(await saving).toMatchObject({ problems: [late] });
  arrive(source);
  await Promise.resolve();
  expect(source.destroyed).toBe(true);
});

test('a folder that cannot be written is not the attachment’s fault', async () => {
  const { dir, store } = setup();
  writeFileSync(join(dir, 'file'), '');
  await expect(store.save(join(dir, 'file'), 'in_1', [attachment('a', 'a').given])).rejects.toMatchObject({
    code: 'ENOTDIR',
  });
  mkdirSync(join(dir, 'in_2', '1-a'), { recursive: true });
  await expect(store.save(dir, 'in_2', [attachment('a', 'a').given])).rejects.toThrow();
  expect(onDisk(dir).map((entry) => basename(entry.name))).toEqual(['file']);
});
