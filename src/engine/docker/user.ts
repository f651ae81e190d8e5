/** Numbers of a user and its group. */
export interface Owner {
  uid: number;
  gid: number;
}

export interface ContainerIdentity {
  /** Who the container's processes are, inside. */
  user: Owner;
  /** Who on the host must own what they write; null: the host's own user. */
  owner: Owner | null;
}

/** What the engine tells about itself (`docker info`), as far as it counts here. */
export interface EngineNamespaces {
  securityOptions: string[];
  /** With remapped users the last part is `<uid>.<gid>` of the user that is 0 inside. */
  rootDir: string;
}

const AGENT: Owner = { uid: 1000, gid: 1000 };
const ROOT_INSIDE: Owner = { uid: 0, gid: 0 };

/**
 * The agent never runs as root, except in a user namespace where root maps to an unprivileged user
 * (docs/security.md#the-user). Null: this host user cannot own files that a container of this engine could write.
 */
export function chooseIdentity(host: Owner, engine: EngineNamespaces): ContainerIdentity | null {
  const has = (name: string) => engine.securityOptions.some((option) => option.startsWith(`name=${name}`));
  if (has('rootless')) return { user: ROOT_INSIDE, owner: null };
  if (has('userns')) {
    const remapped = /\/(\d+)\.(\d+)\/?$/.exec(engine.rootDir);
    if (host.uid !== 0 || !remapped) return null;
    return { user: ROOT_INSIDE, owner: { uid: Number(remapped[1]), gid: Number(remapped[2]) } };
  }
  if (host.uid === 0) return { user: AGENT, owner: AGENT };
  return { user: host, owner: null };
}
