import { heldBy, isCertain, onHost, readFacts, specOf, startOf } from '../../../src/lib/namespaces/proc-snapshot'

const id = 'ab'.repeat(32)
const said = (files: Record<string, string>) =>
  Buffer.from(
    `${Object.entries(files)
      .map(([name, text]) => `${name} ${Buffer.byteLength(text)}\n${text}`)
      .join('')}end 0\n`,
  )
const factsOf = (files: Record<string, string>) => {
  const { facts } = readFacts(said(files)) ?? {}
  if (facts === undefined || typeof facts === 'string') throw new Error('no facts')
  return facts
}

test('facts come in pieces, and what is behind them is kept', () => {
  const bytes = Buffer.concat([said({ stat: 'a\nend 0\n', cgroup: 'ünï' }), Buffer.from('started 7\n')])
  const end = bytes.indexOf('started')
  for (let length = 0; length < end; length++) expect(readFacts(bytes.subarray(0, length))).toBeUndefined()
  const { facts, behind } = readFacts(bytes) ?? {}
  expect(facts).toEqual(
    new Map([
      ['stat', 'a\nend 0\n'],
      ['cgroup', 'ünï'],
    ]),
  )
  expect(behind?.toString()).toBe('started 7\n')
})

test('a trouble is one, a file of that name is not', () => {
  expect(readFacts(Buffer.from('perl 0\n'))?.facts).toBe('perl')
  expect(readFacts(Buffer.from('gone 2\nxxend 0\n'))?.facts).toEqual(new Map([['gone', 'xx']]))
})

test('only a supervisor or a control group that names the container makes it certain', () => {
  const supervisor = (path: string, named: string) => `${path}\0-namespace\0moby\0-id\0${named}\0`
  expect(isCertain(factsOf({ supervisor: supervisor('/usr/bin/containerd-shim-runc-v2', id) }), id)).toBe(true)
  expect(isCertain(factsOf({ supervisor: supervisor('/tmp/other', id) }), id)).toBe(false)
  expect(isCertain(factsOf({ supervisor: supervisor('containerd-shim-runc-v2', 'cd'.repeat(32)) }), id)).toBe(false)
  expect(isCertain(factsOf({ cgroup: `0::/docker/${id}\n` }), id)).toBe(true)
  expect(isCertain(factsOf({}), id)).toBe(false)
  const bundle = JSON.stringify({ process: { user: { uid: 1, gid: 2 } } })
  expect(specOf(factsOf({ bundle }), id)).toBeUndefined()
})

test('start, control groups, and numbers of users', () => {
  const stat = `77 (a) b) S 12 ${Array.from({ length: 17 }, (_, i) => i).join(' ')} 4711 0`
  const facts = factsOf({
    stat,
    cgroup: `0::/docker/${id}\n`,
    mountinfo: '40 31 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n',
    status: 'CapBnd:\t0000000000000001\nSeccomp:\t2\n',
  })
  expect(startOf(facts)).toBe(4711)
  expect(startOf(factsOf({}))).toBeNaN()
  const cgroups = [`/proc/12/root/sys/fs/cgroup/docker/${id}/cgroup.procs`]
  expect(heldBy(facts)).toMatchObject({ cgroups, bounding: '0000000000000001', seccomp: true })
  const map = '         0     231072      65536\n     70000          5          1\n'
  expect([0, 33, 70_000, 80_000].map((uid) => onHost(uid, map))).toEqual([231_072, 231_105, 5, 80_000])
})
