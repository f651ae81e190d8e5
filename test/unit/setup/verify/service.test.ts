import { expect, it } from 'vitest';
import { launchdAgent } from '../../../../setup/service/launchd.js';
import { systemdUnit } from '../../../../setup/service/systemd.js';
import { wrapperScript } from '../../../../setup/service/wrapper.js';
import { programIn } from '../../../../setup/verify/service.js';

const unit = (node: string) => ({
  ...{ name: 'wharfie', root: '/srv/wharfie', home: '/srv/wharfie', path: '/usr/bin', node },
});

it.each(['/usr/bin/node', '/home/ada/my $node 100%/bin/node', '/opt/no"de/node'])(
  'finds the program that a service starts: %s',
  (node) => {
    expect(programIn(systemdUnit(unit(node), true))).toBe(node);
    expect(programIn(systemdUnit(unit(node), false))).toBe(node);
    if (!node.includes('"')) expect(programIn(launchdAgent(unit(node)))).toBe(node);
    expect(programIn(wrapperScript(unit(node)))).toBe(node);
  },
);

it('takes a unit as people write it, and nothing from a file that tells nothing', () => {
  expect(programIn('[Service]\nExecStart=/usr/bin/node /srv/x.js\n')).toBe('/usr/bin/node');
  expect(programIn('[Service]\nExecStart=-/srv/wharfie/wharfie host\n')).toBe('/srv/wharfie/wharfie');
  expect(programIn('# nothing')).toBeNull();
});
