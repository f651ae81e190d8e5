import { describe, expect, it } from 'vitest';
import { inspectProcess, parsePsLine, parseStat } from '../../../../src/engine/process/identity.js';

describe('the identity of a process', () => {
  it('is read from the kernel', async () => {
    const me = await inspectProcess(process.pid);
    expect(me).toMatchObject({ pid: process.pid, zombie: false });
    expect(await inspectProcess(process.pid)).toEqual(me);
    expect(await inspectProcess(2 ** 30)).toBeNull();
  });

  it('survives a command name with brackets and spaces', () => {
    const fields = Array.from({ length: 30 }, (_, index) => String(index + 5));
    const stat = `42 (a) Z 1) S 1 42 41 ${fields.slice(2).join(' ')}`;
    expect(parseStat(stat, 'boot')).toEqual({
      pid: 42,
      group: 42,
      session: 41,
      startTime: 'boot/22',
      zombie: false,
    });
    expect(parseStat(stat.replace(') S ', ') Z '), 'boot')?.zombie).toBe(true);
    expect(parseStat('', 'boot')).toBeNull();
  });

  it('is read from ps where there is no /proc', () => {
    expect(parsePsLine('  42  41 Ss   Sat Nov 22 13:30:00 2026  ')).toEqual({
      pid: 42,
      group: 41,
      session: 41,
      startTime: 'Sat Nov 22 13:30:00 2026',
      zombie: false,
    });
    expect(parsePsLine(' 42 41 Z+ Sat Nov 22 13:30:00 2026')?.zombie).toBe(true);
    expect(parsePsLine('')).toBeNull();
  });
});
