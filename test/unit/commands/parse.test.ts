import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src/commands/parse.js';

describe('parseCommand', () => {
  const patterns = ['@Andy', 'hey andy'];
  const cases: [string, string | null][] = [
    ['/stop', 'stop'],
    ['  /STOP \n', 'stop'],
    ['/status@wharfie_bot', 'status'],
    ['@Andy /new', 'new'],
    ['@andy, /new', 'new'],
    ['Hey Andy: /again', 'again'],
    ['<@1234> /stop', 'stop'],
    ['@SomeBot /stop', 'stop'],
    ['／stop', 'stop'],
    ['/stop it', null],
    ['please /stop', null],
    ['/stopp', null],
    ['/help', null],
    ['stop', null],
    ['', null],
    ['@Andy', null],
    ['/tasks', 'tasks'],
    ['@Andy /tasks Cancel 1A2B3C', 'tasks cancel 1a2b3c'],
    ['/tasks pause', 'tasks pause'],
    ['/tasks cancel them please', null],
    ['/tasks for tomorrow', null],
    ['/stop cancel', null],
  ];
  it.each(cases)('%j is %s', (text, command) => {
    const parsed = parseCommand(text, patterns);
    expect(parsed && [parsed.name, ...parsed.args].join(' ')).toBe(command);
  });
});
