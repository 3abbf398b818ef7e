/** From a container of one engine into one of another. */
import { run } from '../support/cli'
import { container } from '../support/containers'
import { dockerConfig } from '../support/contexts'
import { docker } from '../support/docker-api'
import { privateEngine, sharedEngine } from '../support/engine'
import { asNobody } from '../support/nobody'

test('--from-host, --from-context: the engine of SOURCE; -H and --context are the other’s', async () => {
  const other = await privateEngine(['busybox'])
  const name = `two-${process.pid}`
  // The same name on both: neither is taken for the other.
  const cmd = (text: string) => [
    'sh',
    '-c',
    `echo ${text} > /which; trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done`,
  ]
  await container({ image: 'busybox', name, cmd: cmd('shared') })
  await container({ image: 'busybox', name, cmd: cmd('other'), on: docker(other.host) })
  const env = { DOCKER_CONFIG: dockerConfig({ other: other.host }) }
  const which = async (path: string, flags: string[]) =>
    (await run([...flags, name, 'cat', path], { env })).stdout.toString()
  const copies = [
    [['--from-host', other.host, `${name}:/which`, `${name}:/a`], '/a', [], 'other\n'],
    [['--from-context', 'other', `${name}:/which`, `${name}:/b`], '/b', [], 'other\n'],
    [
      ['--context', 'other', '--from-host', sharedEngine().host, `${name}:/which`, `${name}:/c`],
      '/c',
      ['--context', 'other'],
      'shared\n',
    ],
  ] as const
  for (const [words, path, flags, text] of copies) {
    expect(await run(['cp', ...words], { env })).toMatchObject({ code: 0, stderr: '' })
    expect(await which(path, [...flags])).toBe(text)
  }
  const byArchives = ['cp', '-v', '--from-host', other.host, `${name}:/which`, `${name}:/d`]
  expect(await run(byArchives, { under: asNobody() })).toMatchObject({ code: 0 })
  expect(await which('/d', [])).toBe('other\n')
  expect(await run(['cp', '--from-context', 'other', '/etc/hostname', `${name}:/e`], { env })).toMatchObject({
    ...{ code: 125, stderr: expect.stringContaining('no SOURCE is in a container') },
  })
})
