/** Whose files are entered: a process that is meant by its number and by when it started. Neither root nor an engine. */
import { Ended } from '../../../src/lib/errors'
import { readStat } from '../../../src/lib/host/proc'
import { FileServer } from '../../../src/lib/sftp/server'

const start = readStat(process.pid)?.start ?? 0
const files = { name: 'web', pid: process.pid, uid: 0, gid: 0, groups: [], capabilities: [] }

test('a number that somebody else has by now is refused before anything of theirs is entered', async () => {
  await expect(FileServer.start({ ...files, start: start - 1 })).rejects.toThrow(Ended)
  await expect(FileServer.start({ ...files, pid: 2 ** 22 + 1, start })).rejects.toThrow(Error)
})

test('the one that was meant is, and has to have files of its own', async () => {
  await expect(FileServer.start({ ...files, start })).rejects.toThrow(
    'the files of web cannot be entered (mnt, error 0)',
  )
})
