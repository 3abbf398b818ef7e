// Images made on this machine, with no registry, and imported into an engine through its API.
//
//   busybox  Debian's static busybox with its applets as links: a shell and little else, 2 MB, made in an instant
//   debian   a small Debian 12 with bash, dash, zsh, procps: made by mmdebstrap in half a minute, then cached
//   bare     one static program and nothing else
//   sshd     the Debian one with openssh-server and runit, and nothing of either running: made and cached likewise
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from './engine-http.mjs'
import { ensurePackages, findProgram, Trouble } from './packages.mjs'

/** What is in the busybox image, as an archive in the folder `folder`. Returns its path. */
export function makeBusyboxTar(folder) {
  ensurePackages({ busybox: 'busybox-static' })
  const root = join(folder, 'root')
  layBusybox(root)
  const tar = join(folder, 'busybox.tar')
  pack(root, tar)
  return tar
}

/** Imports the busybox image as `tag`. Its first process, unless told otherwise, is a shell. */
export async function importBusybox(host, tag) {
  await withFolder((folder) => importTar(host, tag, makeBusyboxTar(folder), ['sh']))
}

/** Imports the Debian image as `tag`; its archive is kept in the folder `cache`, named after its recipe. */
export async function importDebian(host, tag, cache) {
  const tar = await debianTar(cache, 'debian', debianPackages)
  await importTar(host, tag, tar, ['bash'])
}

/** Imports the image with an OpenSSH server as `tag`. Its host keys were made with it: all its containers share them. */
export async function importSshd(host, tag, cache) {
  const tar = await debianTar(cache, 'sshd', `${debianPackages},openssh-server,openssh-sftp-server,runit`)
  await importTar(host, tag, tar, ['bash'])
}

/** Imports an image with nothing in it but `/bare`, compiled from the C file `source`. */
export async function importBare(host, tag, source) {
  ensurePackages({ gcc: 'gcc libc6-dev' })
  ensureStaticLibc()
  await withFolder(async (folder) => {
    mkdirSync(join(folder, 'root'))
    run('gcc', ['-static', '-Os', '-s', '-Wall', '-Werror', '-o', join(folder, 'root', 'bare'), source])
    const tar = join(folder, 'bare.tar')
    pack(join(folder, 'root'), tar)
    await importTar(host, tag, tar, ['/bare', 'sleep'])
  })
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

const debianPackages = 'bash,dash,zsh,procps,coreutils'

async function debianTar(cache, name, packages) {
  const recipe = ['--variant=minbase', `--include=${packages}`, '--dpkgopt=path-exclude=/usr/share/doc/*', 'bookworm']
  // The cache is good for a month, so that security updates come in.
  const month = new Date().toISOString().slice(0, 7)
  const hash = createHash('sha256')
    .update(JSON.stringify([recipe, month]))
    .digest('hex')
    .slice(0, 12)
  const tar = join(cache, `${name}-${hash}.tar`)
  if (existsSync(tar)) return tar
  ensurePackages({ mmdebstrap: 'mmdebstrap' })
  mkdirSync(cache, { recursive: true })
  const partial = join(cache, `${name}-${hash}.${process.pid}.tar`)
  const words = ['--quiet', ...recipe, partial]
  const child = spawn('mmdebstrap', words, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'exit')
  if (code !== 0) {
    rmSync(partial, { force: true })
    throw new Trouble(
      `mmdebstrap ended with code ${code}`,
      'its words are above; it needs a Debian mirror within reach',
    )
  }
  renameSync(partial, tar)
  return tar
}

/** gcc without the static C library is common: Debian has it in another package, which no program reveals. */
function ensureStaticLibc() {
  if (run('gcc', ['-print-file-name=libc.a']).trim() !== 'libc.a') return
  throw new Trouble('no static C library (libc.a)', 'as root: apt-get install libc6-dev')
}

/** All owned by root, in a fixed order, with no dates: the same folder always gives the same archive. */
function pack(folder, tar) {
  const options = ['--format=ustar', '--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0']
  run('tar', [...options, '-C', folder, '-cf', tar, '.'])
}

function run(program, args) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (error || status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout
}

async function withFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'docker-bash-image-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
