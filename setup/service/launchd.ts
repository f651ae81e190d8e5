import { commandOf, type ServiceUnit } from './types.js';

export function launchdLabel(name: string): string {
  return `dev.wharfie.${name}`;
}

/** A launch agent of macOS. */
export function launchdAgent(unit: ServiceUnit): string {
  const strings = (values: string[]) =>
    values.map((value) => `    <string>${escapeXml(value)}</string>`).join('\n');
  const log = escapeXml(`${unit.home}/data/logs/service.log`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${escapeXml(launchdLabel(unit.name))}</string>
  <key>ProgramArguments</key>
  <array>
${strings(commandOf(unit))}
  </array>
  <key>WorkingDirectory</key>
  <string>${escapeXml(unit.root)}</string>
  <key>EnvironmentVariables</key>
  <dict>
    <key>WHARFIE_HOME</key>
    <string>${escapeXml(unit.home)}</string>
    <key>PATH</key>
    <string>${escapeXml(unit.path)}</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <key>StandardOutPath</key>
  <string>${log}</string>
  <key>StandardErrorPath</key>
  <string>${log}</string>
</dict>
</plist>
`;
}

/** The installation that an agent's file starts; null: it is none of ours. */
export function homeOfAgent(text: string): string | null {
  const found = /<key>WHARFIE_HOME<\/key>\s*<string>([^<]*)<\/string>/.exec(text);
  return found?.[1] === undefined ? null : unescapeXml(found[1]);
}

const ENTITIES: readonly [string, string][] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
];

function escapeXml(text: string): string {
  return ENTITIES.reduce((escaped, [plain, entity]) => escaped.replaceAll(plain, entity), text);
}

function unescapeXml(text: string): string {
  return ENTITIES.toReversed().reduce(
    (plain, [character, entity]) => plain.replaceAll(entity, character),
    text,
  );
}
