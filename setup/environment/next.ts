import type { Fields } from '../lib/step.js';

const step = (name: string, flags = '') => `./wharfie ${name}${flags === '' ? '' : ` ${flags}`}`;

/** Of what is missing between here and a chat that answers, the command for the first. */
export function nextOf(fields: Fields): string {
  const rules: [boolean, string][] = [
    [fields.DOCKER_USABLE === false, String(fields.DOCKER_FIX)],
    [fields.DOCKER_USABLE === true && fields.IMAGE !== 'present', step('container')],
    [fields.CREDENTIAL === 'missing', step('credentials', '--provider static')],
    [fields.CHANNELS_CONFIGURED === 'none', `${step('channel', '--list')}, then --enable and --auth`],
    [fields.HOST === 'stopped', step('service')],
    [
      fields.REGISTERED_GROUPS === 0,
      step('pair', '--channel <type> --folder <folder> --name "<name>" --is-main'),
    ],
  ];
  return rules.find(([missing]) => missing)?.[1] ?? step('verify', '--live');
}
