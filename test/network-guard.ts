import net from 'node:net';

/**
 * Any test that connects to something other than loopback or a unix socket fails. Names count as outside, save
 * `localhost`: a look-up is a connection too.
 */
const LOOPBACK = /^(localhost|127(?:\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(?:\.\d{1,3}){3})$/;
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function guarded(this: net.Socket, ...args: unknown[]): net.Socket {
  const first: unknown = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host =
    typeof first === 'object' && first !== null && 'host' in first
      ? first.host
      : typeof first === 'number' && typeof args[1] === 'string'
        ? args[1]
        : undefined;
  if (typeof host === 'string' && !LOOPBACK.test(host)) {
    throw new Error(`network guard: a test tried to connect to ${host}`);
  }
  return Reflect.apply(connect, this, args);
};
