/** setuser USER COMMAND: becomes somebody else, properly. */
import { type Box, box } from './box'
import { sentence } from './sentence'

const users = '#!/bin/sh\nuseradd -m -d /home/app app\ngroupadd extra\nusermod -aG extra,daemon app\necho up\n'

async function withUsers(): Promise<Box> {
  const made = await box({ files: { '/etc/my_init.d/50_users': users } })
  await made.said(/^up/m)
  return made
}

describe('setuser', () => {
  sentence('has HOME, USER, UID and groups right, and the rest of the environment kept', async () => {
    const { inside } = await withUsers()
    const show = 'echo "$HOME $USER $UID $KEPT $(id -u) $(id -un) $(id -gn) $(id -Gn)"; pwd'
    const { stdout } = await inside(['env', 'KEPT=yes', 'HOME=/root', 'setuser', 'app', 'sh', '-c', show])
    expect(stdout).toMatch(/^\/home\/app app (\d+) yes \1 app app app (extra daemon|daemon extra)\n\/\n$/)
  })

  sentence('becomes the command: same process, its code, its arguments byte for byte', async () => {
    const { inside } = await withUsers()
    const same = 'echo $$; exec setuser app sh -c "echo \\$\\$"'
    const [before, after] = (await inside(['sh', '-c', same])).stdout.split('\n')
    expect(after).toBe(before)
    expect((await inside(['setuser', 'app', 'sh', '-c', 'exit 9'])).code).toBe(9)
    const words = ['', ' a  b ', '-x', '--', '$HOME', '*', "it's", 'ä']
    expect((await inside(['setuser', 'app', 'printf', '[%s]', ...words])).stdout).toBe(
      words.map((word) => `[${word}]`).join(''),
    )
  })

  sentence('leaves nothing of root: no capabilities, no way back', async () => {
    const { inside } = await withUsers()
    const { stdout } = await inside(['setuser', 'app', 'grep', '-E', '^(CapEff|CapPrm|Uid):', '/proc/self/status'])
    expect(stdout).toMatch(/CapPrm:\s+0+\nCapEff:\s+0+\n/)
    expect(stdout).toMatch(/Uid:\s+(\d+)\s+\1\s+\1\s+\1/)
  })

  sentence('refuses a user that is not there, and says how it is called', async () => {
    const { inside } = await withUsers()
    const unknown = await inside(['setuser', 'nobody-here', 'true'])
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('nobody-here')])
    expect(await inside(['setuser', 'app'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/usage/i) })
    expect((await inside(['setuser', '../../etc', 'true'])).code).toBe(1)
  })

  sentence('is /sbin/setuser', async () => {
    const { inside } = await withUsers()
    expect((await inside(['/sbin/setuser', 'app', 'id', '-un'])).stdout).toBe('app\n')
  })
})
