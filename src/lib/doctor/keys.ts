import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { dataFolder, namesIn, pathIn, type Room, readOwn, whyNotOurs } from '../files/data-files'
import { underWay } from '../keys/journal'
import { ownKeys } from '../keys/store'
import { enrolment } from '../ssh/enrolment'
import { pinned } from '../ssh/known-hosts'
import { quote } from '../text/quote'
import { type Finding, fail, failed, pass, warn } from './finding'

const rooms = { keys: 'key', hosts: 'pinned server', enrolled: 'enrolment', journal: 'rotation' } as const

const notes = { hosts: pinned, enrolled: enrolment, journal: underWay } as const

/** Private keys that only their owner can read, and notes of ours that nobody else has written. */
export function checkKeys(): Finding[] {
  const doubt = whyNotOurs()
  if (doubt) {
    const found = Object.keys(rooms).flatMap((room) => planted(room as Room))
    const hint = doubt.hint ?? ''
    if (found.length === 0) return [warn('keys', `none are kept, none are believed: ${doubt.message}`, hint)]
    return [fail('keys', `${doubt.message}; of ${dataFolder()} nothing is used: ${found.join(', ')}`, hint)]
  }
  try {
    const folder = dirname(pathIn('keys', 'any'))
    const names = namesIn('keys')
    const notes = Object.keys(rooms).flatMap((room) => unbelieved(room as Room))
    if (names.length === 0 && notes.length === 0) return [pass('keys', 'none yet: docker-bash key install makes one')]
    const exposed = names
      .filter((name) => !name.endsWith('.pub'))
      .map((name) => pathIn('keys', name))
      .filter((path) => statSync(path).mode & 0o077)
      .map((path) => fail('keys', `others can read ${path}`, `chmod 600 ${quote(path)}`))
    const wrong = [...notes, ...exposed]
    if (wrong.length > 0) return wrong
    const { length } = ownKeys()
    return [pass('keys', `${length} of yours in ${folder}, for nobody else to read`)]
  } catch (error) {
    return [failed('keys', error)]
  }
}

/** The files in one of our folders that another user may have written, or that are damaged. */
function unbelieved(room: Room): Finding[] {
  const doubt = whyNotOurs(room)
  if (doubt) return [failed('keys', doubt)]
  return namesIn(room).flatMap((name) => {
    try {
      const id = /^([0-9a-f]{64})\.json$/.exec(name)?.[1]
      const read = room === 'keys' || id === undefined ? undefined : notes[room]
      if (read && id) read(id)
      else readOwn(pathIn(room, name))
      return []
    } catch (error) {
      return [failed('keys', error)]
    }
  })
}

/** How many there are in a folder that is not believed: for whoever wonders why none is used. */
function planted(room: Room): string[] {
  const { length } = namesIn(room, true).filter((name) => !name.endsWith('.pub'))
  return length === 0 ? [] : [`${length} ${rooms[room]}${length === 1 ? '' : 's'}`]
}
