/** What a caller left open for his children is closed before a child of ours could have it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'

const root = join(__dirname, '..', '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'docker-bash-test-'))
const program = join(folder, 'child.cjs')
beforeAll(() => {
  const contents = `
    import { fstatSync } from 'node:fs'
    import { closeInherited } from './src/lib/host/inheritable-stdio'
    closeInherited()
    const isOpen = (fd) => { try { fstatSync(fd); return true } catch { return false } }
    // By then what Node itself has open has been of use, too.
    setTimeout(() => console.log(process.argv.slice(2).filter((fd) => isOpen(Number(fd))).join(' ')), 1)`
  buildSync({ stdin: { contents, resolveDir: root }, outfile: program, bundle: true, platform: 'node', format: 'cjs' })
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Perl that opens it as `$it`. How long its flags are as text (`00`, `04001`, `0100000`) differs by kind and mode. */
const kinds = {
  'a pipe, to read': 'pipe($it, $other)',
  'a pipe, to write': 'pipe($other, $it)',
  'a pipe, to read, that does not wait': 'pipe($it, $other); fcntl($it, 4, 0x800)',
  'a pipe, to write, that does not wait': 'pipe($other, $it); fcntl($it, 4, 0x801)',
  'a pipe, to write at the end': 'pipe($other, $it); fcntl($it, 4, 0x401)',
  'a socket': 'socketpair($it, $other, 1, 1, 0)',
  'a socket that does not wait': 'socketpair($it, $other, 1, 1, 0); fcntl($it, 4, 0x802)',
  'a file': `sysopen($it, '/etc/passwd', 0)`,
  'a file, to write at the end': `sysopen($it, '/dev/null', 0x401)`,
  'a folder': `sysopen($it, '/', 0x10000)`,
  'a name only (O_PATH)': `sysopen($it, '/', 0x200000)`,
}

test.each(Object.entries(kinds))('%s', (_, opening) => {
  const words = `use POSIX (); $^F = 1000; my ($it, $other); ${opening} or die "$!"; POSIX::dup2(fileno $it, 30); exec @ARGV`
  const env = { PATH: process.env.PATH }
  expect(execFileSync('perl', ['-e', words, process.execPath, program, '30'], { env, encoding: 'utf8' })).toBe('\n')
})
