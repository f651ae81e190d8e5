/**
 * Counts what comes in on standard output of an attached stream without a terminal: frames of one byte stream, three
 * zero bytes, the length (32 bit, big endian) and the content (Docker API, "Attach to a container", stream format).
 * Not dockerode's demuxStream: that one recurses once a frame, and a container can make a frame of each byte.
 */
export interface FrameReader {
  /** Bytes of standard output in this chunk. Zero too where a stream is not what it should be. */
  push(chunk: Buffer): number;
}

const HEADER_BYTES = 8;
const STDOUT = 1;

export function createFrameReader(): FrameReader {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let left = 0;
  let isStdout = false;
  return {
    push(chunk) {
      let heard = 0;
      let at = 0;
      while (at < chunk.length) {
        if (left > 0) {
          const taken = Math.min(left, chunk.length - at);
          if (isStdout) heard += taken;
          left -= taken;
          at += taken;
          continue;
        }
        const copied = chunk.copy(header, headerBytes, at, at + HEADER_BYTES - headerBytes);
        headerBytes += copied;
        at += copied;
        if (headerBytes < HEADER_BYTES) continue;
        headerBytes = 0;
        isStdout = header[0] === STDOUT;
        left = header.readUInt32BE(4);
      }
      return heard;
    },
  };
}

/** The contents of a whole stream in that format, as `logs` returns it. */
export function frameContents(stream: Buffer): Buffer {
  const contents: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= stream.length; ) {
    const end = at + HEADER_BYTES + stream.readUInt32BE(at + 4);
    contents.push(stream.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(contents);
}
