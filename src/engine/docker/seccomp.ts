/**
 * The system calls that a container may make: what Docker's default profile allows a process without capabilities,
 * less `mknod` and `mknodat` (a FIFO in place of a file could hang whoever opens it) and `io_setup` with its kin (one
 * container could take all that `fs.aio-max-nr` leaves the machine), and for the native ABI only.
 * Names that a kernel or architecture does not have are skipped by the runtime; other known calls answer EPERM.
 */
const ALLOWED = `
  access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
  fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fdatasync fgetxattr flistxattr flock fremovexattr
  fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64 getxattr ioctl lchown lgetxattr link
  linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat mkdir mkdirat newfstatat open
  openat openat2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv
  removexattr rename renameat renameat2 rmdir setxattr stat statfs statx symlink symlinkat sync sync_file_range
  syncfs truncate umask unlink unlinkat utime utimensat utimes write writev

  epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 fanotify_mark
  inotify_add_watch inotify_init inotify_init1 inotify_rm_watch pipe pipe2 poll ppoll pselect6 select sendfile signalfd signalfd4 splice tee vmsplice

  accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg
  sendto setsockopt shutdown

  arch_prctl brk cachestat futex futex_requeue futex_wait futex_waitv futex_wake get_robust_list get_thread_area
  madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap modify_ldt mprotect
  mremap msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages rseq
  set_robust_list set_thread_area set_tid_address

  mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd semctl semget
  semop semtimedop shmat shmctl shmdt shmget

  alarm clock_adjtime clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep setitimer time
  timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime
  timerfd_settime times adjtimex

  capget capset execve execveat exit exit_group fork getcpu getegid geteuid getgid getgroups getpgid getpgrp getpid
  getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set
  kill landlock_add_rule landlock_create_ruleset landlock_restrict_self pause pidfd_open pidfd_send_signal prctl
  prlimit64 ptrace restart_syscall rt_sigaction rt_sigpending rt_sigprocmask
  rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max
  sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
  sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp setfsgid setfsuid setgid
  setgroups setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setuid sigaltstack sysinfo
  tgkill tkill uname vfork wait4 waitid
`;

/** linux/sched.h: every flag of `clone` that makes a namespace (CLONE_NEW…). */
const CLONE_NEW_ANYTHING = 0x7e020000;
const ENOSYS = 38;
/** Linux, 32-bit addresses, both of these, and the question which one it is. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. Not AF_VSOCK: a socket to the hypervisor would be a way around `network none`. Others make the kernel load a module. */
const SOCKET_FAMILIES = [1, 2, 10, 16];
/**
 * Commands of `fcntl` (linux/fcntl.h): duplicates, flags, locks, owners and signals, pipe sizes, seals, hints. Not
 * F_SETLEASE (1024): who holds a lease on a file freezes everybody who opens it, for 45 s each time.
 */
const FCNTL_COMMANDS = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 36, 37, 38],
  ...[1025, 1027, 1028, 1030, 1031, 1032, 1033, 1034, 1035, 1036, 1037, 1038],
];
/** The kernel looks at the lower half of these arguments only; a filter that looks at all of it can be got around. */
const LOWER_HALF = 0xffffffff;

/** Named, because only then the runtime answers ENOSYS to calls that are newer than the list, and programs fall back. */
const NATIVE = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'].map((architecture) => ({
  architecture,
  subArchitectures: [],
}));

interface Rule {
  names: string[];
  action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  errnoRet?: number;
  args?: { index: number; value: number; valueTwo?: number; op: string }[];
}

/** The profile as JSON, as the engine's `seccomp=` option takes it. */
export function seccompProfile(): string {
  const allow = (name: string, op: string, value: number): Rule => ({
    names: [name],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, value, op }],
  });
  const allowInt = (name: string, index: number, valueTwo: number): Rule => ({
    names: [name],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index, value: LOWER_HALF, valueTwo, op: 'SCMP_CMP_MASKED_EQ' }],
  });
  const rules: Rule[] = [
    { names: ALLOWED.trim().split(/\s+/), action: 'SCMP_ACT_ALLOW' },
    ...PERSONALITIES.map((value) => allow('personality', 'SCMP_CMP_EQ', value)),
    ...SOCKET_FAMILIES.flatMap((family) => [
      allowInt('socket', 0, family),
      allowInt('socketpair', 0, family),
    ]),
    ...FCNTL_COMMANDS.map((command) => allowInt('fcntl', 1, command)),
    {
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: CLONE_NEW_ANYTHING, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    // Its flags are in memory, where a filter cannot look; C libraries fall back to `clone` after this answer.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
  ];
  return JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', archMap: NATIVE, syscalls: rules });
}
