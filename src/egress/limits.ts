/** Bounds of one session's door; sizes in bytes, times in milliseconds. */
export interface EgressLimits {
  connections: number;
  /** Requests that one connection may have sent without waiting for their answers; clients that behave send one. */
  pipelined: number;
  /** Requests of any kind; what comes faster waits, and holds its connection meanwhile. */
  requestsPerSecond: number;
  requestBurst: number;
  /** Model requests that are being received or answered at once. */
  modelRequests: number;
  /** Longest body of one model request (the API's own bound is 32 MB). */
  body: number;
  /** Bodies held at once, all requests together. */
  bodiesHeld: number;
  /** Headers of one request. */
  headers: number;
  headersTimeout: number;
  /** Until a request has arrived whole. */
  requestTimeout: number;
  /** Until the model API has begun to answer, and between two pieces of an answer. */
  answerIdle: number;
  connectTimeout: number;
  /** Until a client has begun the TLS handshake in a tunnel. */
  helloTimeout: number;
  tunnels: number;
  tunnelIdle: number;
  /** Through all tunnels, both ways, in an hour. */
  tunnelBytesPerHour: number;
}

const MIB = 1024 * 1024;

export const defaultLimits: EgressLimits = {
  connections: 64,
  pipelined: 4,
  requestsPerSecond: 20,
  requestBurst: 100,
  modelRequests: 16,
  body: 32 * MIB,
  bodiesHeld: 64 * MIB,
  headers: 32 * 1024,
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  answerIdle: 600_000,
  connectTimeout: 15_000,
  helloTimeout: 10_000,
  tunnels: 32,
  tunnelIdle: 600_000,
  tunnelBytesPerHour: 4096 * MIB,
};
