import { coreTools } from './core.ts';
import { interactiveTools } from './interactive.ts';
import { schedulingTools } from './scheduling.ts';
import type { Tool, ToolContext } from './types.ts';

/** Every tool of the server `wharfie`. */
export function allTools(context: ToolContext): Tool[] {
  return [...coreTools(context), ...schedulingTools(context), ...interactiveTools(context)];
}
