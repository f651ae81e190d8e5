// What runs in a container of the conformance suite: plain JavaScript, so that any image with Node can run it.
// PROGRAM names the behaviour; everything that is told goes to standard error, because standard output is the bell.
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';

const tell = (line) => writeSync(2, `${line}\n`);
const ring = () => process.stdout.write('\n');
const listen = (onBytes) => process.stdin.on('data', (chunk) => onBytes(chunk.length));
// Inside a container the end of standard input is nothing; as a process it means that the host has gone.
if (process.env.WHARFIE_MOUNTS && process.env.PROGRAM !== 'cling')
  process.stdin.on('end', () => process.exit(0));
const bowOut = () =>
  process.on('SIGTERM', () => {
    tell('asked to stop');
    process.exit(0);
  });

const programs = {
  /** Rings when it is there, and once for whatever it hears. */
  echo() {
    bowOut();
    listen(ring);
    ring();
  },
  /** Does not end when asked. */
  stubborn() {
    process.on('SIGTERM', () => tell('no'));
    listen(ring);
    ring();
  },
  /** Stays although its host has gone. */
  cling() {
    process.on('SIGTERM', () => {});
    process.stdin.resume();
    setInterval(() => {}, 1000);
    ring();
  },
  /** Ends by itself with a code, after more lines than are kept. */
  fail() {
    for (let line = 1; line <= 60; line += 1) tell(`line ${line}`);
    process.exit(3);
  },
  die() {
    process.kill(process.pid, 'SIGKILL');
    setInterval(() => {}, 1000);
  },
  /** Tells what it was given, and ends. */
  report() {
    const { WHARFIE_INCARNATION, GREETING, HOME } = process.env;
    tell(JSON.stringify({ incarnation: WHARFIE_INCARNATION, greeting: GREETING, home: HOME }));
    process.exit(0);
  },
  /** Fills its standard output as fast as it can, and still listens. */
  flood() {
    bowOut();
    const noise = Buffer.alloc(65_536, '\n');
    const more = () => {
      while (process.stdout.write(noise));
      process.stdout.once('drain', more);
    };
    more();
  },
  /** Leaves a child behind that ignores everything but SIGKILL. */
  leave() {
    bowOut();
    const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM",()=>{});setInterval(()=>{},1000)'], {
      stdio: 'ignore',
    });
    tell(`child ${child.pid}`);
    ring();
  },
  /** Runs the CODE it was given (a module that may await), then ends. */
  async run() {
    const code = `data:text/javascript,${encodeURIComponent(process.env.CODE ?? '')}`;
    const { default: main } = await import(code);
    tell(JSON.stringify(await main()));
    process.exit(0);
  },
};

await programs[process.env.PROGRAM ?? 'echo']();
