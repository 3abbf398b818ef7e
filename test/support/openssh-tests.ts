/** The tests of OpenSSH 9.2 (Debian's openssh-tests): which of them are for a server like ours, and why others are not. */

// cspell:disable (their names)

/** Where a test is about what only OpenSSH's sshd has: it is changed there, and nowhere else. */
export interface Edit {
  readonly from: RegExp
  readonly to: string
  readonly because: string
}

export interface SuiteTest {
  readonly name: string
  /** It is one of the few that CI runs, too: they take a minute together. */
  readonly isQuick?: boolean
  readonly edits?: readonly Edit[]
  /** The key types besides ours that keys are made of. */
  readonly keys?: readonly string[]
}

const variables: Edit = {
  from: /_XXX_TEST/g,
  to: 'LC_XXX_TEST',
  because: 'the variables that we accept are fixed; AcceptEnv is sshd’s',
}
const greeting: Edit = {
  from: /Invalid SSH identification string/g,
  to: 'SSH-2.0-OpenSSH_compatible',
  because: 'what is said to a client that speaks no SSH is sshd’s own text: that the server answers is what is asked',
}

/** Those that ask a server on a port; the others start it as a proxy command. */
export const listening: readonly SuiteTest[] = [
  { name: 'connect', isQuick: true },
  { name: 'connect-uri' },
  { name: 'dynamic-forward' },
  { name: 'forwarding', isQuick: true },
  { name: 'keyscan' },
  { name: 'multiplex', edits: [variables, greeting] },
  { name: 'scp-uri' },
  { name: 'sftp-uri' },
]

export const proxied: readonly SuiteTest[] = [
  { name: 'agent', isQuick: true },
  { name: 'broken-pipe' },
  { name: 'cipher-speed' },
  {
    name: 'connection-timeout',
    edits: [
      {
        from: /\(cat \$OBJ\/sshd_proxy\.orig ; echo "UnusedConnectionTimeout 2"\)[\s\S]*$/,
        to: '',
        because: 'UnusedConnectionTimeout is sshd’s: without it, a connection stays',
      },
    ],
  },
  {
    name: 'envpass',
    isQuick: true,
    edits: [
      variables,
      { from: /trace "server setenv wins"[\s\S]*(?=\n\nrm -f)/, to: '', because: 'SetEnv of a server is sshd’s' },
    ],
  },
  { name: 'exit-status' },
  { name: 'exit-status-signal' },
  { name: 'host-expand' },
  { name: 'integrity' },
  { name: 'kextype' },
  { name: 'keytype' },
  { name: 'knownhosts' },
  { name: 'knownhosts-command' },
  { name: 'localcommand' },
  { name: 'percent' },
  { name: 'portnum' },
  { name: 'proto-version' },
  {
    name: 'proxy-connect',
    edits: [
      {
        from: /verbose "username with style"[\s\S]*$/,
        to: '',
        because:
          'user:style is a login class of OpenBSD’s; what is behind a colon is the group here, as in docker exec',
      },
    ],
  },
  { name: 'putty-ciphers', keys: ['ssh-rsa'] },
  { name: 'putty-kex', keys: ['ssh-rsa'] },
  { name: 'putty-transfer', isQuick: true, keys: ['ssh-rsa'] },
  {
    name: 'rekey',
    edits: [
      {
        from: /for s in 16 1k 128k 256k; do\n\tverbose "server rekeylimit[\s\S]*(?=\nrm -f \$\{COPY\} \$\{DATA\})/,
        to: '',
        because: 'RekeyLimit of a server is sshd’s: with us it is the client that asks for new keys',
      },
    ],
  },
  { name: 'scp' },
  { name: 'scp3' },
  { name: 'sftp' },
  { name: 'sftp-badcmds', isQuick: true },
  { name: 'sftp-batch', isQuick: true },
  { name: 'sftp-cmds', isQuick: true },
  { name: 'sftp-glob', isQuick: true },
  { name: 'stderr-after-eof' },
  { name: 'stderr-data' },
  { name: 'transfer', isQuick: true },
  { name: 'try-ciphers' },
  { name: 'yes-head', isQuick: true },
]

/** All others of the package, and why they say nothing of us. */
export const leftOut: Readonly<Record<string, string>> = {
  ...because('no server takes part in it', [
    ...['agent-getpeereid', 'agent-pkcs11', 'agent-ptrace', 'agent-timeout', 'keygen-change', 'keygen-comment'],
    ...['keygen-convert', 'keygen-knownhosts', 'keygen-moduli', 'keygen-sshfp', 'krl', 'sshcfgparse', 'sshsig'],
    ...['cfginclude', 'valgrind-unit', 'ssh2putty', 'agent-subprocess'],
  ]),
  ...because('it is about settings of sshd', [
    ...['addrmatch', 'allow-deny-users', 'authinfo', 'banner', 'cfgmatch', 'cfgmatchlisten', 'cfgparse'],
    ...['channel-timeout', 'forcecommand', 'forward-control', 'limit-keytype', 'login-timeout', 'reconfigure'],
    ...['servcfginclude', 'sftp-chroot', 'sftp-perm', 'reexec', 'connect-privsep'],
  ]),
  ...because('it is about logging in by a key, a host’s key or a certificate: the proxy asks for none', [
    ...['agent-restrict', 'brokenkeys', 'cert-file', 'cert-hostkey', 'cert-userkey', 'hostbased', 'hostkey-agent'],
    ...['hostkey-rotate', 'key-options', 'keys-command', 'multipubkey', 'principals-command', 'sshfp-connect'],
  ]),
  ...because('the group exchange is not offered: ssh2 cannot do it as a server', ['dhgex']),
  ...because('it asks for sshd’s own exit code', ['proto-mismatch']),
  ...because('a part of others', ['test-exec', 'scp-ssh-wrapper', 'sshd-log-wrapper']),
  ...because('it takes Twisted’s conch', ['conch-ciphers']),
  ...because('it takes ssh.com’s client, which nobody has any more', [
    ...['ssh-com', 'ssh-com-client', 'ssh-com-keygen', 'ssh-com-sftp'],
  ]),
}

function because(reason: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, reason]))
}
