/** What was tried and what it got, for docs/security.md. */
export function createTable() {
  const rows: [string, string][] = [];
  return {
    add: (tried: string, got: string) => void rows.push([tried, got]),
    print() {
      const lines = rows.map(([tried, got]) => `| ${tried} | ${got.replace(/\|/g, '\\|')} |`);
      process.stdout.write(['', '| tried | got |', '|---|---|', ...lines, ''].join('\n'));
    },
  };
}
