import { z } from 'zod';
import type { Inbound } from '../db/messages-in.ts';
import type { NewOutbound, OutboundMessage, Outbox } from '../db/messages-out.ts';
import { reasonOf } from '../errors.ts';
import type { Turn } from '../turn.ts';

/** A refusal that the agent reads: what was wrong and what to do instead. */
export class ToolError extends Error {}

export interface ToolResult {
  text: string;
  isError: boolean;
  /** The turn ends here, without asking the model again. */
  endsTurn: boolean;
}

/** One tool, independent of who offers it to which model. */
export interface Tool {
  name: string;
  description: string;
  shape: z.ZodRawShape;
  /** Checks the arguments itself. Never rejects: what goes wrong is the tool's answer. */
  call(args: unknown): Promise<ToolResult>;
}

/** What tools do their work with. */
export interface ToolContext {
  /** The turn that runs. Throws a ToolError when there is none (it was stopped). */
  turn(): Turn;
  inbound: Inbound;
  /** For reading; rows are written by `say`. */
  outbox: Outbox;
  /** Commits one row of the running turn at once and rings. */
  say(row: Pick<NewOutbound, 'kind' | 'content'> & Partial<NewOutbound>): Promise<OutboundMessage>;
  /** The turn ends without an answer to what was taken in until now. */
  staySilent(reason: string): void;
  newId(prefix: 'q' | 'ser'): string;
  now(): number;
  timeZone: string;
  /** Copies a file that the agent names to where the host fetches it from. */
  stageFile(path: string): Promise<{ path: string; name: string; mimeType: string }>;
}

export function defineTool<Shape extends z.ZodRawShape>(tool: {
  name: string;
  description: string;
  shape: Shape;
  endsTurn?: boolean;
  run(args: z.output<z.ZodObject<Shape>>): Promise<string>;
}): Tool {
  const schema = z.object(tool.shape);
  return {
    name: tool.name,
    description: tool.description,
    shape: tool.shape,
    async call(args) {
      const parsed = schema.safeParse(args);
      if (!parsed.success) return failed(describeIssues(parsed.error));
      try {
        return { text: await tool.run(parsed.data), isError: false, endsTurn: tool.endsTurn ?? false };
      } catch (error) {
        return failed(
          error instanceof ToolError ? error.message : `${tool.name} did not work: ${reasonOf(error)}`,
        );
      }
    },
  };
}

function failed(text: string): ToolResult {
  return { text, isError: true, endsTurn: false };
}

function describeIssues(error: z.ZodError): string {
  const issues = error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`);
  return `Not accepted: ${issues.join('; ')}.`;
}
