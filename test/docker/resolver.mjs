/**
 * Loaded into the host of a test with --import: names of WHARFIE_TEST_NAMES, `{"name": [[address, …], …]}`, resolve to
 * the first list, then to the next with each look-up, as a server does that means to rebind; then the last one stays.
 */
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isIPv6 } from 'node:net';

const names = JSON.parse(process.env.WHARFIE_TEST_NAMES ?? '{}');
const real = dns.lookup;
dns.lookup = async (name, options) => {
  const answers = names[name];
  if (!answers) return real(name, options);
  const addresses = answers.length > 1 ? answers.shift() : answers[0];
  return addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
};
syncBuiltinESMExports();
