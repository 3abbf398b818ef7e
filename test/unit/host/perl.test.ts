/** The programs that a perl runs for us: how they call the kernel. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runcSupervisorScript } from '../../../src/lib/fleet/runc-supervisor-script'
import { perlCalls } from '../../../src/lib/host/perl-calls'
import { wayScript } from '../../../src/lib/namespaces/enter'

const root = join(__dirname, '..', '..', '..', 'src')

function perl(...words: string[]) {
  const { status, stdout, stderr } = spawnSync('perl', words, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

const call = (text: string) => perl('-we', `use strict;${perlCalls} machine($ARGV[0]); ${text}`, process.arch)

test('system calls are made in two places, by numbers that are numbers', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(?:ts|pl)$/.test(file))
  const callers = files.filter((file) => /\bsyscall\b\s*[($]/.test(readFileSync(join(root, file), 'utf8')))
  expect(callers.sort()).toEqual(['lib/host/perl-calls.pl', 'lib/sftp/raw-calls.pl'])
})

test('a number out of a text is a number, and what is none is refused', () => {
  expect(call(`my ($pid) = "pid $$" =~ /(\\d+)/; print call('pidfd_open', $pid, 0) > 2 ? 'open' : "no: $!"`)).toEqual({
    ...{ status: 0, stdout: 'open', stderr: '' },
  })
  for (const given of ['"12 "', '"abc"', '""', 'undef', '"0x10"', '"1e3"']) {
    const { status, stderr } = call(`call('close', ${given})`)
    expect({ given, status, stderr }).toEqual({ given, status: 255, stderr: 'no number for close\n' })
  }
  expect(call(`call('nosuch', 1)`).stderr).toBe('no call nosuch\n')
})

test('bytes go by reference, and what the kernel writes is in them', () => {
  const text = `chdir '/usr'; my $here = "\\0" x 64; my $n = call('getcwd', \\$here, 64); print substr($here, 0, $n - 1)`
  expect(call(text)).toEqual({ status: 0, stdout: '/usr', stderr: '' })
})

test.each([
  ['way', wayScript],
  ['supervisor of a fleet', runcSupervisorScript],
])('the %s is a program', (_, script) => {
  expect(perl('-c', '-e', script)).toMatchObject({ status: 0, stderr: '-e syntax OK\n' })
})
