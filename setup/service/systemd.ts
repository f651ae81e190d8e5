import { commandOf, type ServiceUnit } from './types.js';

/** A unit file of systemd; `system`: of the machine, else of the user's own manager. */
export function systemdUnit(unit: ServiceUnit, system: boolean): string {
  const environment = Object.entries({ WHARFIE_HOME: unit.home, PATH: unit.path });
  return `[Unit]
Description=Wharfie (${escapeText(unit.home)})
After=network-online.target docker.service
Wants=network-online.target

[Service]
Type=exec
WorkingDirectory=${escapePath(unit.root)}
ExecStart=${commandOf(unit).map(quoteArgument).join(' ')}
${environment.map((pair) => `Environment=${quoteValue(pair.join('='))}`).join('\n')}
Restart=always
RestartSec=5
KillMode=mixed
TimeoutStopSec=30
UMask=0077

[Install]
WantedBy=${system ? 'multi-user.target' : 'default.target'}
`;
}

/** The installation that a unit file starts; null: it is none of ours. */
export function homeOfUnit(text: string): string | null {
  const found = /^Environment="WHARFIE_HOME=((?:[^"\\]|\\.)*)"$/m.exec(text);
  return found?.[1]?.replace(/\\(.)/g, '$1').replaceAll('%%', '%') ?? null;
}

/** An argument of ExecStart: in quotes, where `%` names a specifier and `$` a variable unless doubled. */
function quoteArgument(value: string): string {
  return quoteValue(value.replaceAll('$', () => '$$'));
}

/** Of Environment: in quotes, `$` means nothing there. */
function quoteValue(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}

/** Of WorkingDirectory, which takes the rest of its line as it is, spaces too. */
function escapePath(value: string): string {
  return value.replaceAll('%', '%%');
}

function escapeText(value: string): string {
  return value.replaceAll('%', '%%').replace(/\\$/, '');
}
