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
  ];
  it.each(cases)('%j is %s', (text, command) => {
    expect(parseCommand(text, patterns)).toBe(command);
  });
});
