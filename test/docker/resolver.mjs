/**
 * Loaded into the host of a test with --import. Names of WHARFIE_TEST_NAMES, `{"name": [[address, …], …]}`, resolve to
 * the first list, and with each look-up to the next, as a server does that means to rebind; the last one stays.
 * Connections to addresses of WHARFIE_TEST_ROUTES, `{"address": port}`, go to that port of this machine: nothing of a
 * test leaves it.
 */
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import net, { isIPv6 } from 'node:net';

const names = JSON.parse(process.env.WHARFIE_TEST_NAMES ?? '{}');
const real = dns.lookup;
dns.lookup = async (name, options) => {
  const answers = names[name];
  if (!answers) return real(name, options);
  const addresses = answers.length > 1 ? answers.shift() : answers[0];
  return addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
};

const routes = JSON.parse(process.env.WHARFIE_TEST_ROUTES ?? '{}');
const connect = net.connect;
net.connect = (...args) => {
  const [options] = args;
  const port = routes[options?.host];
  return port === undefined ? connect(...args) : connect({ host: '127.0.0.1', port });
};
syncBuiltinESMExports();
