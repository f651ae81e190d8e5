/** Uid and gid (`nobody` on Linux) that the reader process takes on where the host runs as root. */
export const READER_ID = 65_534;
