// Images made on this machine, with no registry, kept as archives (see cache.mjs) and imported into an engine through
// its API.
//
//   busybox  Debian's static busybox with its applets as links: a shell and little else, 2 MB, made in an instant
//   debian   a small Debian 12 with bash, dash, zsh, procps: made by mmdebstrap in half a minute
//   bare     one static program and nothing else
//   sshd     the Debian one with openssh-server and runit, and nothing of either running: made likewise
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { keep } from './cache.mjs'
import { request } from './engine-http.mjs'
import { ensurePackages, findProgram, Trouble } from './packages.mjs'

// jest reads this file as CommonJS, where only __filename exists.
const self = import.meta.filename ?? __filename

/** Writes what is in the busybox image to the archive `tar`. */
export async function makeBusyboxTar(tar) {
  ensurePackages({ busybox: 'busybox-static' })
  await withFolder((root) => {
    layBusybox(root)
    pack(root, tar)
  })
}

/** Imports the busybox image as `tag`. Its first process, unless told otherwise, is a shell. */
export async function importBusybox(host, tag) {
  ensurePackages({ busybox: 'busybox-static' })
  const program = createHash('sha256')
    .update(readFileSync(findProgram('busybox')))
    .digest('hex')
  const tar = await keep('busybox', [program, readFileSync(self, 'utf8')], makeBusyboxTar)
  await importTar(host, tag, tar, ['sh'])
}

/** Imports the Debian image as `tag`. */
export async function importDebian(host, tag) {
  await importTar(host, tag, await debianTar('debian', debianOptions), ['bash'])
}

/** Imports the image with an OpenSSH server as `tag`. Its host keys were made with it: all its containers share them. */
export async function importSshd(host, tag) {
  await importTar(host, tag, await debianTar('sshd', sshdOptions), ['bash'])
}

/** Makes what takes long to make, if it is not kept from before. */
export async function makeSlowTars() {
  await Promise.all([debianTar('debian', debianOptions), debianTar('sshd', sshdOptions)])
}

/** Imports an image with nothing in it but `/bare`, compiled from the C file `source`. */
export async function importBare(host, tag, source) {
  const flags = ['-static', '-Os', '-s', '-Wall', '-Werror']
  const tar = await keep('bare', [readFileSync(source, 'utf8'), flags, packOptions], (path) =>
    withFolder((folder) => {
      ensurePackages({ gcc: 'gcc libc6-dev' })
      ensureStaticLibc()
      run('gcc', [...flags, '-o', join(folder, 'bare'), source])
      pack(folder, path)
    }),
  )
  await importTar(host, tag, tar, ['/bare', 'sleep'])
}

/** As `docker import`: the archive becomes the one layer of an image, whose containers run `command`. */
async function importTar(host, tag, tar, command) {
  const [repo, version = 'latest'] = tag.split(':')
  const changes = `CMD ${JSON.stringify(command)}`
  const query = new URLSearchParams({ fromSrc: '-', repo, tag: version, changes })
  const options = { body: createReadStream(tar), timeoutMs: 300_000 }
  const { status, text } = await request(host, 'POST', `/images/create?${query}`, options)
  // With status 200 the answer is a list of JSON objects, and an error can still be among them.
  if (status !== 200 || text.includes('"error"'))
    throw new Error(`cannot import ${tag}: HTTP ${status}: ${text.trim()}`)
}

function layBusybox(root) {
  const busybox = findProgram('busybox') ?? 'busybox'
  for (const folder of ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp', 'var']) {
    mkdirSync(join(root, folder), { recursive: true })
    chmodSync(join(root, folder), folder === 'tmp' ? 0o1777 : 0o755)
  }
  cpSync(busybox, join(root, 'bin', 'busybox'), { dereference: true })
  if (needsLoader(busybox))
    throw new Trouble(`${busybox} needs libraries`, 'install a static one: apt-get install busybox-static')
  for (const applet of run(busybox, ['--list']).trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
  }
  writeFileSync(
    join(root, 'etc', 'passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  )
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\nnogroup:x:65534:\n')
}

/** Whether an ELF file (64-bit, little-endian: what engines run on today) asks for a dynamic loader. */
function needsLoader(file) {
  const elf = readFileSync(file)
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) return false
  const [start, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)]
  const PT_INTERP = 3
  return Array.from({ length: count }, (_, i) => elf.readUInt32LE(start + i * size)).includes(PT_INTERP)
}

/** What each Debian here is made with: as small as the slim one of the registries, since every engine unpacks it. */
export const slim = [
  '--variant=minbase',
  // Without it bookworm takes usrmerge, which brings a whole Perl along.
  '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
  '--include=usr-is-merged',
  ...['doc', 'man', 'locale', 'info', 'groff', 'lintian'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
]
const debianOptions = [
  ...slim,
  '--include=bash,dash,zsh,procps,coreutils',
  '--dpkgopt=path-exclude=/usr/share/zsh/functions/*',
]

const sshdOptions = [...debianOptions, '--include=openssh-server,openssh-sftp-server,runit']

/** The path of a Debian's archive, made by mmdebstrap with these options if it was not before. */
export function debianTar(name, options) {
  const words = [...options, 'bookworm']
  return keep(name, words, async (path) => {
    ensurePackages({ mmdebstrap: 'mmdebstrap' })
    const child = spawn('mmdebstrap', ['--quiet', '--format=tar', ...words, path], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const ended = once(child, 'exit')
    const said = await text(child.stderr)
    const [code] = await ended
    if (code === 0) return
    throw new Trouble(
      `mmdebstrap ended with code ${code}: ${said.trim().slice(-3000)}`,
      'it needs a Debian mirror within reach',
    )
  })
}

/** gcc without the static C library is common: Debian has it in another package, which no program reveals. */
function ensureStaticLibc() {
  if (run('gcc', ['-print-file-name=libc.a']).trim() !== 'libc.a') return
  throw new Trouble('no static C library (libc.a)', 'as root: apt-get install libc6-dev')
}

const packOptions = ['--format=ustar', '--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0']

/** All owned by root, in a fixed order, with no dates: the same folder always gives the same archive. */
function pack(folder, tar) {
  run('tar', [...packOptions, '-C', folder, '-cf', tar, '.'])
}

function run(program, args) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (error || status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout
}

async function withFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'docker-bash-image-'))
  // It becomes the image's root, which is everybody's to enter.
  chmodSync(folder, 0o755)
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
