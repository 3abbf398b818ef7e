/** A key is written into no mount, however the path of the file is spelt; two of us at once do it one after the other. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { keyring } from '../support/keyring'
import { sshdContainer } from '../support/sshd'

const sh = async (id: string, script: string) => (await docker().inside(id, ['sh', '-c', script])).stdout

describe('AuthorizedKeysFile in a mount', () => {
  const folder = scratch('volume')
  test.each([
    '//vol//keys',
    '/root/../vol/keys',
    '/vol/./keys',
    '/vol/a folder/keys',
    '/vol/not/yet/keys',
    '%h/../vol/keys',
  ])('%s is refused', async (path) => {
    const before = [
      `mkdir -p '/vol/a folder'; chmod 755 /vol`,
      `echo 'AuthorizedKeysFile "${path}"' >>/etc/ssh/sshd_config`,
    ].join('; ')
    const web = await sshdContainer({ before, hostConfig: { Binds: [`${folder}:/vol`] } })
    const { code, stderr } = await keyring().run(['key', 'install', web.name])
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/lies in a mount \(\/.*vol/) })
    expect(await sh(web.id, 'find /vol -type f')).toBe('')
    await web.remove()
  })
})

test('a file that is not in a mount is written, however it is spelt', async () => {
  const before = `mkdir -m 755 /keys; echo 'AuthorizedKeysFile //etc/..//keys/./%u' >>/etc/ssh/sshd_config`
  const web = await sshdContainer({ before })
  expect(await keyring().run(['key', 'install', web.name])).toMatchObject({ code: 0, stderr: '' })
  expect(await sh(web.id, 'cat /keys/root')).toMatch(/docker-bash default/)
})

test('several key installs at once: one key is made, all are noted, all succeed', async () => {
  const user = keyring()
  const web = await sshdContainer({ before: 'useradd -m -s /bin/bash app; passwd -d app >/dev/null' })
  const all = ['root', 'app', 'root', 'app'].map((name) => user.run(['key', 'install', '-u', name, web.name]))
  for (const { code, stderr } of await Promise.all(all)) expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(user.keys()).toEqual(['default'])
  const { keys } = JSON.parse(readFileSync(join(user.data, 'enrolled', `${web.id}.json`), 'utf8')) as {
    keys: Array<{ user: string }>
  }
  expect(keys.map(({ user }) => user).sort()).toEqual(['app', 'root'])
  expect(await sh(web.id, 'cat /root/.ssh/authorized_keys | wc -l; cat /home/app/.ssh/authorized_keys | wc -l')).toBe(
    '1\n1\n',
  )
  expect(existsSync(join(user.data, 'journal', `${web.id}.lock`))).toBe(false)
})
