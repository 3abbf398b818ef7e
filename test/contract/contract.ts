import { codes } from './codes'
import { signals } from './signals'
import { streams } from './streams'
import { terminals } from './terminal'
import { inside, type Way } from './way'
import { words } from './words'

/** The same by another image, user or road: every check, with fewer values and bytes each. */
export function variant(way: Way): void {
  contract({ ...way, brief: true })
}

/** The whole session contract, for one way in. */
export function contract(way: Way): void {
  describe(`${way.via} into ${way.image}${way.flags ? ` ${way.flags.join(' ')}` : ''}${way.under ? ', not as root' : ''}`, () => {
    const the = inside(way)
    codes(the)
    words(the)
    streams(the)
    signals(the)
    terminals(the)
  })
}
