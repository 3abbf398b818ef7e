import { check, type Inside } from './way'

export function codes(the: Inside): void {
  const { way } = the
  describe('exit codes', () => {
    check(way, 'come through unchanged, 0 to 255', async () => {
      const own = [0, 3, 125, 126, 127, 255]
      const wanted = way.brief ? own : [...own, 1, 2, 42, 63, 64, 100, 124, 128, 129, 130, 200, 254]
      for (const code of wanted) expect((await the.run(['sh', '-c', `exit ${code}`])).code).toBe(code)
    })
    check(way, 'are 128 + n for a signal', async () => {
      expect((await the.run(['sh', '-c', 'kill -KILL $$'])).code).toBe(137)
      expect((await the.run(['sh', '-c', 'kill -TERM $$'])).code).toBe(143)
      expect((await the.run(['sh', '-c', 'kill -SEGV $$'])).code).toBe(139)
      // A real-time signal, for which SSH has no name.
      expect((await the.run(['sh', '-c', 'kill -36 $$'])).code).toBe(way.via === 'ssh' ? 255 : 164)
    })
    check(way, 'are 127 for a program that is not there, with a message and a hint', async () => {
      for (const program of ['nosuch-program', '/nosuch/program']) {
        const { code, stdout, stderr } = await the.run([program, 'x'])
        expect({ code, stdout: stdout.toString() }).toEqual({ code: 127, stdout: '' })
        expect(stderr.split('\n')).toEqual([
          `docker-bash: there is no ${program} in ${the.container.name}`,
          expect.stringMatching(/^ {2}\S/),
          '',
        ])
      }
    })
    check(way, 'are 126 for what cannot be run', async () => {
      for (const program of ['/etc/passwd', '/etc']) {
        const { code, stdout, stderr } = await the.run([program])
        expect({ code, stdout: stdout.toString() }).toEqual({ code: 126, stdout: '' })
        expect(stderr).toMatch(`docker-bash: ${program} in ${the.container.name} cannot be run`)
      }
    })
    check(way, "are 125 for a folder or user that is not there, and docker-bash's own", async () => {
      const folder = await the.run(['true'], { flags: ['-w', '/nosuch'] })
      expect(folder).toMatchObject({ code: 125, stdout: Buffer.alloc(0), stderr: expect.stringMatching('/nosuch') })
      const user = await the.run(['true'], { flags: ['-u', 'nosuch'] })
      expect(user).toMatchObject({ code: 125, stdout: Buffer.alloc(0), stderr: expect.stringMatching('nosuch') })
    })
  })
}
