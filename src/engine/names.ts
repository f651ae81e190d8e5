/** The name that a session's container has, always: whoever wants to run the session meets the one that runs already. */
export function engineName(installationId: string, sessionId: string): string {
  return `wharfie-${installationId}-${sessionId}`;
}
