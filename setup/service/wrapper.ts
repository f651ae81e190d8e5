import { commandOf, type ServiceUnit } from './types.js';

/** A shell script for machines without a service manager: `start`, `stop`, `restart`, `status`. */
export function wrapperScript(unit: ServiceUnit): string {
  const command = commandOf(unit).map(quoteShell).join(' ');
  return `#!/bin/sh
# Wharfie's host in the background. To start it with the machine: crontab -e, and a line "@reboot <this file> start".
WHARFIE_HOME=${quoteShell(unit.home)}
PATH=${quoteShell(unit.path)}
export WHARFIE_HOME PATH
umask 077
pid_file="$WHARFIE_HOME/data/host.pid"
log_file="$WHARFIE_HOME/data/logs/service.log"

# After a crash the number in the file may be somebody else's by now.
running() { [ -s "$pid_file" ] && ps -p "$(cat "$pid_file")" -o args= 2>/dev/null | grep -Eq 'scripts/built/run\\.mjs host|src/index\\.ts'; }
start() {
  if running; then return 0; fi
  mkdir -p "$WHARFIE_HOME/data/logs" && cd ${quoteShell(unit.root)} || exit 1
  nohup ${command} >>"$log_file" 2>&1 </dev/null &
}
stop() {
  running || return 0
  kill "$(cat "$pid_file")"
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do running || return 0; sleep 1; done
  echo "The host did not end." >&2
  return 1
}
case "\${1:-}" in
  start) start ;;
  stop) stop ;;
  restart) stop && start ;;
  status) if running; then echo running; else echo stopped; exit 3; fi ;;
  *) echo "usage: $0 start|stop|restart|status" >&2; exit 64 ;;
esac
`;
}

/** The installation that a wrapper starts; null: it is none of ours. */
export function homeOfWrapper(text: string): string | null {
  const found = /^WHARFIE_HOME='((?:[^']|'\\'')*)'$/m.exec(text);
  return found?.[1]?.replaceAll(`'\\''`, `'`) ?? null;
}

function quoteShell(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
