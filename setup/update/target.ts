import { GitError, git, mustGit } from './git.js';

/** Where the update goes. */
export interface Target {
  to: string;
  commits: number;
  /** `new`: there is something · `nothing-new` · `no-remote`: nothing to ask (no remote branch belongs to this one). */
  pull: 'new' | 'nothing-new' | 'no-remote';
}

/** Asks the remote. Throws `fetch-failed`, and `update-diverged` where both sides have commits of their own. */
export async function findTarget(root: string, head: string): Promise<Target> {
  const upstream = await git(root, 'rev-parse', '--abbrev-ref', '--symbolic-full-name', '@{upstream}');
  const branch = (await git(root, 'symbolic-ref', '--quiet', '--short', 'HEAD')).out.trim();
  const remote = branch === '' ? '' : (await git(root, 'config', `branch.${branch}.remote`)).out.trim();
  if (upstream.code !== 0 || remote === '' || remote === '.')
    return { to: head, commits: 0, pull: 'no-remote' };
  const fetched = await git(root, 'fetch', '--quiet', remote);
  if (fetched.code !== 0) {
    throw new GitError(
      'fetch-failed',
      `The new version could not be fetched: ${fetched.err.trim().slice(-300)}`,
      'Check the network and the access to the remote (git fetch shows more), then run this step again.',
    );
  }
  const name = upstream.out.trim();
  const to = (await mustGit(root, 'rev-parse', '--verify', `${name}^{commit}`)).trim();
  const isBehind = (await git(root, 'merge-base', '--is-ancestor', head, to)).code === 0;
  if (isBehind) {
    const commits = Number((await mustGit(root, 'rev-list', '--count', `${head}..${to}`)).trim());
    return { to, commits, pull: commits > 0 ? 'new' : 'nothing-new' };
  }
  if ((await git(root, 'merge-base', '--is-ancestor', to, head)).code === 0) {
    return { to: head, commits: 0, pull: 'nothing-new' };
  }
  throw new GitError(
    'update-diverged',
    `This checkout has commits of its own that ${name} does not have.`,
    `Put them on top of the new version (git rebase ${name}), then run this step again.`,
  );
}
